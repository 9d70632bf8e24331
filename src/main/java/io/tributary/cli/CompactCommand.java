package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.Compaction;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeSettings;
import io.tributary.local.ObjectStores;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Few large files. */
@Command(
        name = "compact",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Makes few large files of the many small ones of days that are over, beside the running job, and deletes files"
                        + " that no version within the retention has. No row changes.")
final class CompactCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments pipeline = new PipelineArguments();

    @Option(
            names = "--lake",
            paramLabel = "PATH",
            description = "a folder or s3://BUCKET/PATH (default: the pipeline's, or LAKE_PATH, or the running demo's)")
    private @Nullable String lake;

    @Option(names = "--table", paramLabel = "SCHEMA.TABLE", description = "one history alone (default: all tables)")
    private @Nullable String table;

    @Option(
            names = "--before",
            paramLabel = "DATE",
            description = "the first UTC day that is left alone, as 2026-01-31 (default: today)")
    private @Nullable LocalDate before;

    @Option(
            names = "--retention",
            paramLabel = "DURATION",
            defaultValue = "168h",
            converter = DurationConverter.class,
            description = "how long older versions can be read (default: ${DEFAULT-VALUE})")
    private Duration retention = Duration.ofDays(7);

    @Override
    public Integer call() throws IOException {
        LakeSettings where = lake();
        ObjectStores.openFor(where);
        LakeProbe.checkThere(where);
        Compaction compaction = new Compaction(where.uri());
        List<String> wanted = compaction.tables().stream()
                .filter(path -> table == null || path.equals(LakeProbe.history(table)))
                .toList();
        if (wanted.isEmpty() && table != null) {
            throw new ConfigException("'--table' must be one of the history, got '" + table + "'");
        }
        LocalDate day = before == null ? LocalDate.now(ZoneOffset.UTC) : before;
        try {
            for (String path : wanted) {
                Compaction.Outcome outcome = compaction.compact(path, day);
                int deleted = compaction.vacuum(path, retention);
                System.out.printf(
                        "%-40s %,d days: %,d files made %,d; %,d deleted%n",
                        path, outcome.partitions(), outcome.before(), outcome.after(), deleted);
            }
        } catch (IOException e) {
            throw new UnreachableException("cannot compact the lake at " + where.path() + ": " + e.getMessage());
        }
        return 0;
    }

    private LakeSettings lake() {
        LakeSettings own = pipeline.given() ? pipeline.read().lake() : null;
        if (lake == null && own != null) {
            return own;
        }
        String path = RunningStack.or(lake, "LAKE_PATH", "lake", "");
        if (path.isEmpty()) {
            throw new ConfigException("'--lake' must say where the lake is, or LAKE_PATH or --config");
        }
        return LakeSettings.at(path);
    }
}
