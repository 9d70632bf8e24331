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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The process that runs the job: a Flink of its own, exactly once, to a lake. */
final class BenchJob {
    /** In the place of how often current rows are written: no lake, but a mirror. */
    static final String MIRROR = "mirror";

    private static final FlinkCluster.Settings FLINK = new FlinkCluster.Settings(2, Duration.ofSeconds(10));

    /** To read all metrics costs some 10 ms, which count as the job's. */
    private static final long LOOK_MILLIS = 500;

    private BenchJob() {}

    /** @param args the brokers, how many events there are, a folder, and how often current rows are written; {@code mirror} for no lake but a mirror */
    public static void main(String[] args) {
        int exit = Tributary.NO;
        try {
            Path folder = Path.of(args[2]);
            long events = Long.parseLong(args[1]);
            if (args[3].equals(MIRROR)) {
                mirror(args[0], events, folder);
            } else {
                lake(args[0], events, folder, args[3]);
            }
            exit = 0;
        } catch (Throwable e) { // nothing may end the process without a word
            System.err.println("tributary: " + e);
            org.apache.logging.log4j.LogManager.getLogger(BenchJob.class).fatal("the job failed", e);
        } finally {
            org.apache.logging.log4j.LogManager.shutdown();
            Runtime.getRuntime().halt(exit);
        }
    }

    private static void lake(String bootstrap, long events, Path folder, String current) throws Exception {
        PipelineConfig pipeline = pipeline(
                bootstrap, "lake: {path: \"%s\", current: {every: %s}}".formatted(folder.resolve("lake"), current));
        BenchProcess.Meter meter = new BenchProcess.Meter("job", events);
        try (FlinkCluster flink = start(folder)) {
            flink.submit(pipeline);
            awaitAll(flink, "_decoded", events, meter);
            long waiting = System.nanoTime();
            awaitAll(
                    flink,
                    "cdc_read_total",
                    events,
                    meter); // a checkpoint: with its files closed, only state is left in the heap
            meter.leaveOut(System.nanoTime() - waiting);
            long heap = heap(meter);
            stop(flink, events);
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

    /** From when the job runs until the mirror shows the last change. */
    private static void mirror(String bootstrap, long events, Path folder) throws Exception {
        try (BenchMirror mirror = BenchMirror.start(folder.resolve("mirror"))) {
            PipelineConfig pipeline = pipeline(bootstrap, mirror.sink());
            try (FlinkCluster flink = start(folder)) {
                flink.submit(pipeline);
                BenchProcess.Meter meter = new BenchProcess.Meter("job", events);
                awaitAll(flink, "_decoded", events, meter);
                long heap = heap(meter);
                stop(flink, events); // with a savepoint, and so with all that was read
                meter.pause();
                Map<String, Long> figures = new HashMap<>(mirror.content());
                figures.put("heap", heap);
                figures.put("batches", mirror.commits());
                meter.resume();
                meter.done(figures);
            }
        }
    }

    private static PipelineConfig pipeline(String bootstrap, String sink) {
        return PipelineFile.parse("""
                name: bench
                source: {bootstrap: "%s", topics: "%s"}
                tables:
                  public.transactions:
                    buckets: 8
                    types: {amount: "decimal(12,2)", timestamp: timestamptz}
                sinks: {%s}
                """.formatted(bootstrap, BenchEvents.TOPIC, sink), Map.of(), Map.of());
    }

    private static FlinkCluster start(Path folder) throws Exception {
        int rest = Ports.free(18081);
        return FlinkCluster.start(folder.resolve("flink"), rest, Ports.free(rest + 1), FLINK);
    }

    private static void awaitAll(FlinkCluster flink, String metric, long events, BenchProcess.Meter meter)
            throws Exception {
        for (long count = 0; count < events; meter.progress(count)) {
            Thread.sleep(LOOK_MILLIS);
            count = Metrics.read(flink.metricsUrl()).sum(metric);
            if (flink.failed()) {
                throw new IllegalStateException("the job has ended: " + flink.status());
            }
        }
    }

    private static long heap(BenchProcess.Meter meter) {
        meter.pause();
        System.gc();
        long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
        meter.resume();
        return heap;
    }

    private static void stop(FlinkCluster flink, long events) throws Exception {
        long applied = flink.stop().total(Counter.APPLIED);
        if (applied != events) {
            throw new IllegalStateException("the job applied " + applied + " of " + events + " events");
        }
    }
}
