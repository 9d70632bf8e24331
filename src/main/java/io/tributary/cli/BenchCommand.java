package io.tributary.cli;

import io.tributary.config.ConfigException;
import io.tributary.local.BenchEvents;
import io.tributary.local.BrokerProcess;
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
                "Writes events to a Kafka of its own, runs the job over them into a lake, exactly once, and prints what"
                        + " it costs beside a bare consumer.")
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--events", defaultValue = "3000000", description = "how many (default: ${DEFAULT-VALUE})")
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
            List<String> args = List.of(kafka.bootstrap(), String.valueOf(events), folder.toString(), current);
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
        } finally {
            FileUtils.deleteDirectoryQuietly(folder.toFile());
        }
        return 0;
    }

    private void written(long count) {
        System.err.printf(Locale.ROOT, "\rwritten        %,d of %,d ", count, events);
    }

    private static void print(String format, Object... args) {
        System.out.printf(Locale.ROOT, format + "%n", args);
    }
}
