package io.tributary.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.FlinkCluster;
import io.tributary.local.Generator;
import io.tributary.local.LocalStack;
import io.tributary.local.Mix;
import io.tributary.local.PostgresServer;
import io.tributary.warehouse.WarehouseFile;
import io.tributary.warehouse.WarehouseProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The process that measures how long a change takes from its commit in the source to the mirror: the whole stack, with rows that
 * change at a steady rate. A change is in the mirror when the ledger says so, which is looked at every few milliseconds; when it
 * was committed its event says.
 */
final class BenchLatency {
    /** A new process is warm when so many checkpoints in a row were quick, under the load: its first take seconds. */
    private static final int QUICK_ONES = 6;

    private static final Duration QUICK = Duration.ofSeconds(1);
    private static final Duration WARM = Duration.ofMinutes(3);
    private static final Duration MEASURED = Duration.ofSeconds(60);
    private static final Duration ARRIVAL = Duration.ofMinutes(2);
    private static final long LOOK_MILLIS = 10;
    private static final Logger LOG = LoggerFactory.getLogger(BenchLatency.class);

    /** When the mirror had everything before an offset, in milliseconds since 1970, by partition. */
    private final Map<TopicPartition, NavigableMap<Long, Long>> seen = new ConcurrentHashMap<>();

    private final WarehouseProbe probe;

    /** When a change was committed, sent to Kafka, and seen in the mirror, in milliseconds since 1970. */
    private record Arrived(TopicPartition partition, long committed, long sent, long mirrored) {
        long toKafka() {
            return sent - committed;
        }

        long toMirror() {
            return mirrored - committed;
        }
    }

    private BenchLatency(WarehouseProbe probe) {
        this.probe = probe;
    }

    /** @param args a folder, and how many rows change in a second */
    public static void main(String[] args) {
        int exit = Tributary.NO;
        try {
            run(Path.of(args[0]), Integer.parseInt(args[1]));
            exit = 0;
        } catch (Throwable e) { // nothing may end the process without a word
            System.err.println("tributary: " + e);
            LOG.error("the latency could not be measured", e);
        } finally {
            org.apache.logging.log4j.LogManager.shutdown();
            Runtime.getRuntime().halt(exit);
        }
    }

    private static void run(Path folder, int rate) throws Exception {
        Path home = Path.of(System.getProperty("tributary.home", ".")).toAbsolutePath();
        try (LocalStack stack = LocalStack.in(folder.resolve("stack"), LOG::info)) {
            Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "end-stack")); // it would outlive a Ctrl-C
            stack.start(new DemoPorts().plan(), home.resolve("debezium/postgres.json"));
            PostgresServer postgres = stack.postgres();
            PipelineConfig pipeline = PipelineFile.parse(
                    """
                    name: bench
                    source: {bootstrap: "%s", topics: "cdc\\\\..*|__debezium-heartbeat\\\\.cdc"}
                    sinks: {%s}
                    """.formatted(stack.kafka().bootstrap(), BenchMirror.sink(postgres)), Map.of(), Map.of());
            stack.submit(pipeline);
            WarehouseFile mirrors =
                    WarehouseFile.of(postgres.jdbcUrl(LocalStack.WAREHOUSE), postgres.user(), postgres.password());
            try (WarehouseProbe probe = new WarehouseProbe(mirrors.settings());
                    Generator generator =
                            Generator.start(() -> postgres.connect(LocalStack.DATABASE), rate, Mix.USUAL, 7)) {
                new BenchLatency(probe).measure(stack, generator);
            }
        }
    }

    private void measure(LocalStack stack, Generator generator) throws Exception {
        awaitWarm(stack.flink());
        BenchProcess.Meter meter = new BenchProcess.Meter("latency", MEASURED.toSeconds());
        long from = System.currentTimeMillis();
        long until = from + MEASURED.toMillis();
        long first = stack.flink().checkpoints().lastKey();
        long before = generator.changes();
        // by a thread of its own: what is looked at late seems to come late
        ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();
        Future<?> looks = looking.scheduleWithFixedDelay(this::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        for (long now = from; now < until; now = System.currentTimeMillis()) {
            meter.progress((now - from) / 1000);
            Thread.sleep(LOOK_MILLIS);
        }
        long changed = generator.changes() - before;
        try (Connection source = stack.postgres().connect(LocalStack.DATABASE)) {
            Arrival.mark(source, stack.kafka().bootstrap(), ARRIVAL);
        }
        long deadline = System.nanoTime() + ARRIVAL.toNanos();
        List<Arrived> arrived = List.of();
        while (arrived.isEmpty()) {
            if (looks.isDone()) {
                looks.get(); // says why
            }
            if (System.nanoTime() > deadline || stack.flink().failed()) {
                throw new IllegalStateException("not all changes have come to the mirrors: "
                        + stack.flink().status());
            }
            Thread.sleep(20 * LOOK_MILLIS);
            arrived = arrived(stack.kafka().bootstrap(), from, until);
        }
        looking.shutdownNow();
        tell(arrived, from);
        long[] latencies = sorted(arrived, Arrived::toMirror);
        long slowest = stack.flink().checkpoints().tailMap(first).values().stream()
                .mapToLong(Duration::toMillis)
                .max()
                .orElse(0);
        meter.done(Map.of(
                "changes",
                (long) latencies.length,
                "changed",
                changed,
                "kafka",
                at(sorted(arrived, Arrived::toKafka), 0.99),
                "p50",
                at(latencies, 0.50),
                "p99",
                at(latencies, 0.99),
                "max",
                latencies[latencies.length - 1],
                "checkpoint",
                slowest));
    }

    private static void awaitWarm(FlinkCluster flink) throws Exception {
        long first = flink.checkpoints().isEmpty() ? 0 : flink.checkpoints().lastKey();
        long deadline = System.nanoTime() + WARM.toNanos();
        while (System.nanoTime() < deadline) {
            List<Duration> since =
                    List.copyOf(flink.checkpoints().tailMap(first + 1).values());
            if (since.size() >= QUICK_ONES
                    && since.subList(since.size() - QUICK_ONES, since.size()).stream()
                            .allMatch(took -> took.compareTo(QUICK) < 0)) {
                return;
            }
            Thread.sleep(500);
        }
        System.err.println("the job did not become warm in " + WARM.toMinutes() + " minutes: its checkpoints took "
                + flink.checkpoints().values());
    }

    /** Where the time goes, second by second: whether changes were late before the job had them, or after. */
    private static void tell(List<Arrived> arrived, long from) {
        Map<Long, List<Arrived>> bySecond = arrived.stream()
                .collect(Collectors.groupingBy(
                        change -> (change.committed - from) / 1000, TreeMap::new, Collectors.toList()));
        bySecond.forEach((second, changes) -> {
            Arrived last = changes.stream()
                    .max(Comparator.comparingLong(Arrived::toMirror))
                    .orElseThrow();
            LOG.info(
                    "second {}: {} changes, in Kafka after {} ms, in the mirror after {}; the last was of {}, {} and {}",
                    second,
                    changes.size(),
                    at(sorted(changes, Arrived::toKafka), 0.5),
                    at(sorted(changes, Arrived::toMirror), 0.5),
                    last.partition,
                    last.toKafka(),
                    last.toMirror());
        });
    }

    private static long[] sorted(List<Arrived> arrived, ToLongFunction<Arrived> millis) {
        return arrived.stream().mapToLong(millis).sorted().toArray();
    }

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    private void look() {
        Map<String, Map<TopicPartition, Long>> shown;
        try {
            shown = probe.shown();
        } catch (SQLException e) {
            throw new IllegalStateException("cannot read the ledger", e);
        }
        long now = System.currentTimeMillis();
        shown.values()
                .forEach(ends -> ends.forEach(
                        (partition, end) -> seen.computeIfAbsent(partition, p -> new ConcurrentSkipListMap<>())
                                .putIfAbsent(end, now)));
    }

    /** All changes that were committed between two times; none as long as one has not come. */
    private List<Arrived> arrived(String bootstrap, long from, long until) throws IOException {
        JsonMapper json = new JsonMapper();
        List<Arrived> all = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = List.copyOf(seen.keySet());
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> event : consumer.poll(Duration.ofMillis(200))) {
                    if (event.value() == null) {
                        continue; // a tombstone, after its delete
                    }
                    long committed = json.readTree(event.value())
                            .findValue("source")
                            .path("ts_ms")
                            .asLong();
                    if (committed < from || committed >= until) {
                        continue;
                    }
                    TopicPartition partition = new TopicPartition(event.topic(), event.partition());
                    var come = seen.getOrDefault(partition, new TreeMap<>()).higherEntry(event.offset());
                    if (come == null) {
                        return List.of();
                    }
                    all.add(new Arrived(partition, committed, event.timestamp(), come.getValue()));
                }
            }
        }
        return all;
    }
}
