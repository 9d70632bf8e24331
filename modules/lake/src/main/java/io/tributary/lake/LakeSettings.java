package io.tributary.lake;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.flow.Durations;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The lake, as the pipeline file has it.
 *
 * @param path a folder, or a URI of one or of an object store
 * @param current how the tables as their source has them are kept
 * @param schemaChanges what becomes of tables whose source gets other columns, of those that do not say
 * @param format of histories and aggregates, of those that do not say
 */
public record LakeSettings(
        String path,
        @Nullable Current current,
        @JsonProperty("schema-changes") @Nullable SchemaChanges schemaChanges,
        @Nullable TableFormat format) {
    private static final Duration CURRENT_EVERY = Duration.ofMinutes(1);
    private static final String NEVER = "never";

    /** @param every how often they are brought up to date: a duration, or {@code never} */
    public record Current(@Nullable String every) {}

    /**
     * What it takes of a table's settings.
     *
     * @param current whether the lake has the table as its source has it
     * @param schemaChanges what becomes of it when its source gets other columns
     * @param format of its history
     */
    public record Table(
            @Nullable Boolean current,
            @JsonProperty("schema-changes") @Nullable SchemaChanges schemaChanges,
            @Nullable TableFormat format) {}

    /** What it takes of an aggregate's settings. */
    public record Aggregate(@Nullable TableFormat format) {}

    /** A lake of which nothing else is said. */
    public static LakeSettings at(String path) {
        return new LakeSettings(path, null, null, null);
    }

    /** How often the tables as their source has them are brought up to date; null for never. */
    public @Nullable Duration currentEvery() {
        String every = current == null ? null : current.every();
        return every == null ? CURRENT_EVERY : every.equals(NEVER) ? null : Durations.parse(every);
    }

    /** The path as a URI, without a slash at its end. */
    public String uri() {
        String uri = path.startsWith("file:") || path.contains("://")
                ? path
                : "file:" + Path.of(path).toAbsolutePath().normalize();
        return uri.endsWith("/") ? uri.substring(0, uri.length() - 1) : uri;
    }
}
