package io.tributary.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.config.WarehouseFile;
import io.tributary.local.FlinkCluster;
import io.tributary.local.Generator;
import io.tributary.local.LocalStack;
import io.tributary.local.Mix;
import io.tributary.local.PostgresServer;
import io.tributary.warehouse.WarehouseProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
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
    private final Map<TopicPartition, TreeMap<Long, Long>> seen = new HashMap<>();

    private final WarehouseProbe probe;

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
        for (long now = from; now < until; now = System.currentTimeMillis()) {
            look();
            meter.progress((now - from) / 1000);
            Thread.sleep(LOOK_MILLIS);
        }
        long changed = generator.changes() - before;
        generator.stop();
        try (Connection source = stack.postgres().connect(LocalStack.DATABASE)) {
            Arrival.mark(source, stack.kafka().bootstrap(), ARRIVAL);
        }
        long deadline = System.nanoTime() + ARRIVAL.toNanos();
        long[] latencies = new long[0];
        while (latencies.length == 0) {
            if (System.nanoTime() > deadline || stack.flink().failed()) {
                throw new IllegalStateException("not all changes have come to the mirrors: "
                        + stack.flink().status());
            }
            for (int i = 0; i < 20; i++) {
                look();
                Thread.sleep(LOOK_MILLIS);
            }
            latencies = latencies(stack.kafka().bootstrap(), from, until);
        }
        Arrays.sort(latencies);
        long slowest = stack.flink().checkpoints().tailMap(first).values().stream()
                .mapToLong(Duration::toMillis)
                .max()
                .orElse(0);
        meter.done(Map.of(
                "changes",
                (long) latencies.length,
                "changed",
                changed,
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

    private static long at(long[] sorted, double share) {
        return sorted[(int) Math.ceil(share * sorted.length) - 1];
    }

    private void look() throws SQLException {
        Map<String, Map<TopicPartition, Long>> fences = probe.fences();
        long now = System.currentTimeMillis();
        fences.values()
                .forEach(ends -> ends.forEach((partition, end) ->
                        seen.computeIfAbsent(partition, p -> new TreeMap<>()).putIfAbsent(end, now)));
    }

    /** Of all changes that were committed between two times, in milliseconds; none as long as one has not come. */
    private long[] latencies(String bootstrap, long from, long until) throws IOException {
        JsonMapper json = new JsonMapper();
        LongStream.Builder all = LongStream.builder();
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
                    var come = seen.getOrDefault(new TopicPartition(event.topic(), event.partition()), new TreeMap<>())
                            .higherEntry(event.offset());
                    if (come == null) {
                        return new long[0];
                    }
                    all.add(come.getValue() - committed);
                }
            }
        }
        return all.build().toArray();
    }
}
