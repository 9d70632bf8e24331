package io.tributary.cli;

import io.delta.kernel.exceptions.KernelException;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeReader;
import io.tributary.lake.LakeSettings;
import io.tributary.local.ObjectStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of the lake's dead letters a command is about. */
final class LetterSelection {
    @Option(names = "--reason", paramLabel = "REASON", description = "only those of this reason")
    private @Nullable String reason;

    @Option(names = "--table", paramLabel = "TABLE", description = "only those of this table")
    private @Nullable String table;

    /** @throws ConfigException if the pipeline has no lake */
    static LakeSettings lake(PipelineConfig config) {
        LakeSettings lake = config.lake();
        if (lake == null) {
            throw new ConfigException("'sinks.lake' must be set: the dead letters are in the lake");
        }
        return lake;
    }

    boolean selects(Map<String, @Nullable Object> row) {
        return (reason == null || reason.equals(row.get("reason")))
                && (table == null || table.equals(row.get("table")));
    }

    /**
     * Gives the rows of the lake's {@code rejected}.
     *
     * @param seen of its files; takes those read here
     */
    static void read(LakeSettings lake, Set<String> seen, Consumer<Map<String, @Nullable Object>> each) {
        try {
            ObjectStores.openFor(lake);
            LakeProbe.checkThere(lake);
            LakeReader reader = new LakeReader(lake.uri());
            if (reader.has(DeadLetters.TABLE)) {
                reader.forEach(DeadLetters.TABLE, seen, each);
            }
        } catch (IOException | UncheckedIOException | KernelException e) {
            throw new UnreachableException(
                    "cannot read the lake at 'sinks.lake.path' " + lake.path() + ": " + e.getMessage());
        }
    }

    /** As a message ends: {@code " of reason value of table public.one"}. */
    @Override
    public String toString() {
        return (reason == null ? "" : " of reason " + reason) + (table == null ? "" : " of table " + table);
    }
}
