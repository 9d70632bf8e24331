package io.tributary.cli;

import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.BenchEvents;
import io.tributary.local.BrokerProcess;
import io.tributary.local.FlinkCluster;
import io.tributary.local.Metrics;
import io.tributary.local.Ports;
import io.tributary.local.ProcessCost;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.util.FileUtils;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the job against a bare consumer over the same topic, in CPU of this whole process; the broker is another one. Only
 * the ratio within one run counts.
 */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Writes events to a Kafka of its own, runs the job over them into a lake, exactly once, and prints what"
                + " it costs beside a bare consumer.")
final class BenchCommand implements Callable<Integer> {
    private static final int PARALLELISM = 2;
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(5);

    @Option(names = "--events", defaultValue = "3000000", description = "how many (default: ${DEFAULT-VALUE})")
    private long events;

    @Option(names = "--schema", description = "with the schema block in every event")
    private boolean schema;

    @Option(names = "--data", paramLabel = "DIR", description = "where to keep the topic and the lake, until the end")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        if (events < 1) {
            throw new ConfigException("'--events' must be positive, got " + events);
        }
        Path home = Path.of(System.getProperty("tributary.home", ".")).toAbsolutePath().normalize();
        Path parent = Files.createDirectories(data == null ? home.resolve(".tributary") : data);
        Path folder = Files.createTempDirectory(parent, "bench-").toAbsolutePath();
        System.setProperty("log.file", parent.resolve("bench.log").toString());
        try (BrokerProcess kafka = BrokerProcess.start(folder, 19092)) {
            BenchEvents.write(kafka.bootstrap(), events, schema, n -> progress("written", n));
            end();
            consume(kafka.bootstrap(), "warming");
            ProcessCost raw = new ProcessCost();
            consume(kafka.bootstrap(), "bare consumer");
            double rawCpu = raw.cpuMicros() / events;
            System.out.printf(Locale.ROOT, "bare consumer  %,.0f events/s, %.2f cpu µs/event%n", events / raw.seconds(), rawCpu);
            Measured job = job(folder, kafka.bootstrap());
            System.out.printf(Locale.ROOT, "job            %,.0f events/s, %.2f cpu µs/event%n", job.rate, job.cpu);
            System.out.printf(
                    Locale.ROOT,
                    "lake           %,d files, %.1f bytes/event; heap after collection %.1f MiB%n",
                    job.files,
                    (double) job.lakeBytes / events,
                    job.heap / 1048576.0);
            System.out.printf(
                    Locale.ROOT,
                    "RESULT events=%d events_per_s=%.0f cpu_us_per_event=%.3f raw_cpu_us_per_event=%.3f ratio=%.2f%n",
                    events,
                    job.rate,
                    job.cpu,
                    rawCpu,
                    job.cpu / rawCpu);
        } finally {
            FileUtils.deleteDirectoryQuietly(folder.toFile());
        }
        return 0;
    }

    private record Measured(double rate, double cpu, long heap, long files, long lakeBytes) {}

    /** From the submission to the savepoint that makes the last event visible. */
    private Measured job(Path folder, String bootstrap) throws Exception {
        PipelineConfig pipeline = PipelineFile.parse(
                """
                name: bench
                source: {bootstrap: "%s", topics: "%s"}
                tables:
                  public.transactions:
                    buckets: 8
                    types: {amount: "decimal(12,2)", timestamp: timestamptz}
                sinks: {lake: {path: "%s"}}
                """
                        .formatted(bootstrap, BenchEvents.TOPIC, folder.resolve("lake")),
                Map.of(),
                Map.of());
        int rest = Ports.free(18081);
        try (FlinkCluster flink = FlinkCluster.start(
                folder.resolve("flink"),
                rest,
                Ports.free(rest + 1),
                new FlinkCluster.Settings(PARALLELISM, CHECKPOINT_INTERVAL))) {
            ProcessCost cost = new ProcessCost();
            flink.submit(pipeline);
            long read = 0;
            while (read < events) {
                Thread.sleep(200);
                read = Metrics.read(flink.metricsUrl()).sum("_decoded");
                progress("job", read);
                if (flink.failed()) {
                    throw new IllegalStateException("the job has ended: " + flink.status());
                }
            }
            end();
            double readSeconds = cost.seconds();
            double readCpu = cost.cpuMicros();
            long heap = ProcessCost.heapAfterCollection();
            ProcessCost last = new ProcessCost();
            long accounted = flink.stop().total(io.tributary.flow.Tally.Counter.APPLIED);
            if (accounted != events) {
                throw new IllegalStateException("the job applied " + accounted + " of " + events + " events");
            }
            double seconds = readSeconds + last.seconds();
            double cpu = readCpu + last.cpuMicros();
            try (var files = Files.walk(folder.resolve("lake"))) {
                List<Path> parquet =
                        files.filter(f -> f.toString().endsWith(".parquet")).toList();
                long bytes = parquet.stream().mapToLong(f -> f.toFile().length()).sum();
                return new Measured(events / seconds, cpu / events, heap, parquet.size(), bytes);
            }
        }
    }

    private void consume(String bootstrap, String what) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4_194_304,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<PartitionInfo> partitions = consumer.partitionsFor(BenchEvents.TOPIC);
            consumer.assign(partitions.stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList());
            long shown = 0;
            while (count < events) {
                count += consumer.poll(Duration.ofMillis(200)).count();
                if (count - shown > 100_000) {
                    shown = count;
                    progress(what, count);
                }
            }
        }
        end();
    }

    private void progress(String what, long count) {
        System.err.printf(Locale.ROOT, "\r%-14s %,d of %,d ", what, count, events);
    }

    private static void end() {
        System.err.println();
    }
}
