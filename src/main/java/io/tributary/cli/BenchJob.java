package io.tributary.cli;

import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.doctor.Metrics;
import io.tributary.flow.Tally.Counter;
import io.tributary.local.BenchEvents;
import io.tributary.local.FlinkCluster;
import io.tributary.local.Ports;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The process that runs the job: a Flink of its own, exactly once, to a lake. */
final class BenchJob {
    private static final FlinkCluster.Settings FLINK = new FlinkCluster.Settings(2, Duration.ofSeconds(10));

    private BenchJob() {}

    /** @param args the brokers, how many events there are, a folder, and how often current rows are written */
    public static void main(String[] args) {
        int exit = Tributary.NO;
        try {
            run(args[0], Long.parseLong(args[1]), Path.of(args[2]), args[3]);
            exit = 0;
        } catch (Throwable e) { // nothing may end the process without a word
            System.err.println("tributary: " + e);
            org.apache.logging.log4j.LogManager.getLogger(BenchJob.class).fatal("the job failed", e);
        } finally {
            org.apache.logging.log4j.LogManager.shutdown();
            Runtime.getRuntime().halt(exit);
        }
    }

    private static void run(String bootstrap, long events, Path folder, String current) throws Exception {
        PipelineConfig pipeline = PipelineFile.parse(
                """
                name: bench
                source: {bootstrap: "%s", topics: "%s"}
                tables:
                  public.transactions:
                    buckets: 8
                    types: {amount: "decimal(12,2)", timestamp: timestamptz}
                sinks: {lake: {path: "%s", current: {every: %s}}}
                """.formatted(bootstrap, BenchEvents.TOPIC, folder.resolve("lake"), current), Map.of(), Map.of());
        int rest = Ports.free(18081);
        BenchProcess.Meter meter = new BenchProcess.Meter("job", events);
        try (FlinkCluster flink = FlinkCluster.start(folder.resolve("flink"), rest, Ports.free(rest + 1), FLINK)) {
            flink.submit(pipeline);
            long read = 0;
            while (read < events) {
                Thread.sleep(250);
                read = Metrics.read(flink.metricsUrl()).sum("_decoded");
                meter.progress(read);
                if (flink.failed()) {
                    throw new IllegalStateException("the job has ended: " + flink.status());
                }
            }
            long waiting = System.nanoTime();
            while (Metrics.read(flink.metricsUrl()).sum("cdc_read_total") < events) {
                Thread.sleep(250); // for a checkpoint: with its files closed, only state is left in the heap
            }
            meter.leaveOut(System.nanoTime() - waiting);
            meter.pause();
            System.gc();
            long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            meter.resume();
            long applied = flink.stop().total(Counter.APPLIED);
            if (applied != events) {
                throw new IllegalStateException("the job applied " + applied + " of " + events + " events");
            }
            try (var all = Files.walk(folder.resolve("lake"))) {
                List<Path> files =
                        all.filter(file -> file.toString().endsWith(".parquet")).toList();
                meter.done(Map.of(
                        "heap",
                        heap,
                        "files",
                        (long) files.size(),
                        "bytes",
                        files.stream().mapToLong(file -> file.toFile().length()).sum()));
            }
        }
    }
}
