package io.tributary.cli;

import io.tributary.flow.ConfigException;
import io.tributary.local.BenchEvents;
import io.tributary.local.BrokerProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.apache.flink.util.FileUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the job against a bare consumer over the same topic, each in a process of its own, in all the CPU that process
 * takes; the broker is a third one. Only the ratio within one run counts.
 */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description =
                "Writes events to a Kafka of its own, runs the job over them into a lake or a mirror, exactly once, and prints"
                        + " what it costs beside a bare consumer, or a bare COPY.")
final class BenchCommand implements Callable<Integer> {
    /** Where to. */
    enum Sink {
        lake,
        warehouse
    }

    private static final int RATE = 1000;
    private static final String LAKE_EVENTS = "3000000";

    /** The compiler's first ten seconds and the last commit, which nothing runs beside, are a half of what 3 million take. */
    private static final String MIRROR_EVENTS = "6000000";

    @Option(
            names = "--sink",
            defaultValue = "lake",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). A warehouse is a PostgreSQL of its own: the job's"
                            + " rows a second stand beside those of one COPY and one statement; and how long a change takes from its"
                            + " commit to the mirror, of the whole stack at 1,000 changes a second.")
    private Sink sink = Sink.lake;

    @Option(
            names = "--events",
            description = "how many (default: " + LAKE_EVENTS + ", for a warehouse " + MIRROR_EVENTS + ")")
    private @Nullable Long chosen;

    private long events;

    @Option(names = "--schema", description = "with the schema block in every event")
    private boolean schema;

    @Option(
            names = "--current",
            paramLabel = "DURATION",
            defaultValue = "never",
            description = "how often the current rows are written too (default: ${DEFAULT-VALUE})")
    private String current = "never";

    @Option(names = "--data", paramLabel = "DIR", description = "where to keep the topic and the lake, until the end")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        events = chosen != null ? chosen : Long.parseLong(sink == Sink.lake ? LAKE_EVENTS : MIRROR_EVENTS);
        if (events < 1) {
            throw new ConfigException("'--events' must be positive, got " + events);
        }
        Path home = Path.of(System.getProperty("tributary.home", "."))
                .toAbsolutePath()
                .normalize();
        Path parent = Files.createDirectories(data == null ? home.resolve(".tributary") : data);
        Path folder = Files.createTempDirectory(parent, "bench-").toAbsolutePath();
        Path log = parent.resolve("bench.log").toAbsolutePath();
        System.setProperty("log.file", log.toString());
        try (BrokerProcess kafka = BrokerProcess.start(folder, 19092)) {
            BenchEvents.write(kafka.bootstrap(), events, schema, this::written);
            System.err.println();
            if (sink == Sink.lake) {
                lake(kafka.bootstrap(), folder, log);
            } else {
                warehouse(kafka.bootstrap(), folder, log);
            }
        } finally {
            FileUtils.deleteDirectoryQuietly(folder.toFile());
        }
        return 0;
    }

    private void lake(String bootstrap, Path folder, Path log) throws Exception {
        List<String> args = List.of(bootstrap, String.valueOf(events), folder.toString(), current);
        BenchProcess.run(BenchConsumer.class, log, events, args); // the topic is warm from here on
        BenchProcess raw = BenchProcess.run(BenchConsumer.class, log, events, args);
        BenchProcess job = BenchProcess.run(BenchJob.class, log, events, args);
        print("bare consumer  %,.0f events/s, %.2f cpu µs/event", raw.rate(), raw.cpuMicros());
        print("job            %,.0f events/s, %.2f cpu µs/event", job.rate(), job.cpuMicros());
        print(
                "lake           %,.0f files, %.1f bytes/event; heap after collection %.1f MiB",
                job.figure("files"), job.figure("bytes") / events, job.figure("heap") / (1 << 20));
        print(
                "RESULT events=%d events_per_s=%.0f cpu_us_per_event=%.3f raw_cpu_us_per_event=%.3f ratio=%.2f",
                events, job.rate(), job.cpuMicros(), raw.cpuMicros(), job.cpuMicros() / raw.cpuMicros());
    }

    private void warehouse(String bootstrap, Path folder, Path log) throws Exception {
        BenchProcess job = run(BenchJob.class, bootstrap, folder, log, BenchJob.MIRROR);
        long batches = (long) job.figure("batches");
        BenchProcess alike = run(BenchCopy.class, bootstrap, folder, log, String.valueOf(batches));
        BenchProcess once = run(BenchCopy.class, bootstrap, folder, log, "1");
        for (String figure : List.of("rows", "sum")) {
            if (job.figure(figure) != alike.figure(figure) || job.figure(figure) != once.figure(figure)) {
                throw new IllegalStateException(
                        "the mirror has other rows than the copies: %s %,.0f, not %,.0f and %,.0f"
                                .formatted(figure, job.figure(figure), alike.figure(figure), once.figure(figure)));
            }
        }
        BenchProcess latency =
                BenchProcess.run(BenchLatency.class, log, 1, List.of(folder.toString(), String.valueOf(RATE)));
        print("COPY and apply %,.0f rows/s in %d batches, %,.0f in one", alike.rate(), batches, once.rate());
        print(
                "job            %,.0f rows/s in as many, %.0f %% and %.0f %%; %.2f cpu µs/event",
                job.rate(), 100 * job.rate() / alike.rate(), 100 * job.rate() / once.rate(), job.cpuMicros());
        print(
                "mirror         %,.0f rows, the same as the copies'; heap after collection %.1f MiB",
                job.figure("rows"), job.figure("heap") / (1 << 20));
        print(
                "latency        p50 %.2f s, p99 %.2f s, at most %.2f s, of %,.0f changes; until Kafka p99 %.2f s; a checkpoint every 2 s, which took at most %.2f s",
                latency.figure("p50") / 1000,
                latency.figure("p99") / 1000,
                latency.figure("max") / 1000,
                latency.figure("changes"),
                latency.figure("kafka") / 1000,
                latency.figure("checkpoint") / 1000);
        print(
                "RESULT events=%d batches=%d rows_per_s=%.0f copy_rows_per_s=%.0f ratio=%.2f once_rows_per_s=%.0f"
                        + " changes=%.0f p50_ms=%.0f p99_ms=%.0f",
                events,
                batches,
                job.rate(),
                alike.rate(),
                job.rate() / alike.rate(),
                once.rate(),
                latency.figure("changes"),
                latency.figure("p50"),
                latency.figure("p99"));
    }

    private BenchProcess run(Class<?> main, String bootstrap, Path folder, Path log, String last)
            throws IOException, InterruptedException {
        return BenchProcess.run(main, log, events, List.of(bootstrap, String.valueOf(events), folder.toString(), last));
    }

    private void written(long count) {
        System.err.printf(Locale.ROOT, "\rwritten        %,d of %,d ", count, events);
    }

    private static void print(String format, Object... args) {
        System.out.printf(Locale.ROOT, format + "%n", args);
    }
}
