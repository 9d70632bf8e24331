package io.tributary.sink;

import io.tributary.change.PartRow;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import java.util.List;
import org.apache.flink.api.connector.sink2.Sink;
import org.jspecify.annotations.Nullable;

/**
 * A sink as the pipeline file has it.
 *
 * <p>The law of a sink that has {@link #reach}: a part's rows and its fences, the next offset of each source partition, become visible
 * together. A part that the fences cover is skipped. One that they cover by half is a conflict, and one that begins behind them is a
 * gap: both end the job by name.
 */
public interface ConfiguredSink {
    /** Where it is, as messages name it: {@code 'sinks.lake.path' /data/lake}. */
    String place();

    /** A line for {@code validate}: what goes there, and how. */
    String description();

    /** What messages call one of its tables, ahead of the table's name: {@code the lake's table}. */
    default String table() {
        return "the table";
    }

    /** Whether tables go there, so that a pipeline may have it alone. */
    default boolean takesTables() {
        return true;
    }

    /**
     * Refuses what cannot work, before a job is submitted; may make what the sink needs. Writers and the committer do not count on it: it
     * may be gone by then, or be made by another machine.
     *
     * @throws ConfigException if a setting is wrong
     * @throws UnreachableException if nothing can be written there
     */
    default void check() {}

    /**
     * How far it comes, read at the job's start; null of a sink that keeps no fences: after a failure it has rows again.
     *
     * @throws UnreachableException if it cannot be read
     */
    default @Nullable Reach reach() {
        return null;
    }

    /** What commands see of it; null of a sink of which there is nothing to be seen. */
    default @Nullable SinkView view() {
        return null;
    }

    /** What it takes, each by a Flink sink of its own. */
    List<Outlet<?>> outlets(SinkSteps steps);

    /** Which rows it takes as a whole, and when; null for none. Of all sinks of a pipeline, one may. */
    default @Nullable WholeRows wholeRows() {
        return null;
    }

    /** Takes aggregates; null if it does not. */
    default @Nullable Sink<PartRow> aggregates(SinkSteps steps) {
        return null;
    }
}
