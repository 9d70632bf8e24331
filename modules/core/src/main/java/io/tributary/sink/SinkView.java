package io.tributary.sink;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.UnreachableException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A sink beside the job: what {@code audit} compares with the source, {@code as-of} cuts, {@code check} looks at, and {@code repair} asks.
 * Nothing of it writes rows.
 */
public interface SinkView {
    /** What reports call it, in a word: {@code lake}, {@code mirror}. */
    String word();

    /** Why the pipeline does not bring a table there; empty if it does. */
    default String exempt(TableName table) {
        return "";
    }

    /** Whether it leaves out columns that come to a table later. */
    default boolean leavesOut(TableName table) {
        return false;
    }

    /** How long after a checkpoint the slowest table may still lack its changes. */
    default Duration lag() {
        return Duration.ZERO;
    }

    /** Opens the rows as they are now; null of a sink that has none, or is not to have any. */
    default @Nullable SinkRows rows() {
        return null;
    }

    /** Opens the histories, dead letters among them; null of a sink that keeps none. */
    default @Nullable SinkRows histories() {
        return null;
    }

    /**
     * How far readers see each table: the next offset of each source partition, by {@link #nameOf}.
     *
     * @throws UnreachableException if it cannot be read
     */
    Map<String, Map<SourcePartition, Long>> shown();

    /** What {@link #shown} calls a table. */
    default String nameOf(String table) {
        return table;
    }

    /** Where a row says its offset, for people. */
    String offsets();

    /** Opens what it knows of its repairs; null where it knows nothing. */
    default @Nullable SinkRepairs repairs() {
        return null;
    }

    /** Looks whether all is well, and says what is not, and what to do then. */
    void examine(Examination to);
}
