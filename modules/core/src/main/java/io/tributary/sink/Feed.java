package io.tributary.sink;

import io.tributary.change.Change;
import io.tributary.change.Fact;
import io.tributary.change.PartRow;

/**
 * What a sink can take of a job.
 *
 * @param <T> what its stream has
 */
@SuppressWarnings("UnusedTypeParameter") // it ties a sink to its stream
public final class Feed<T> {
    /** The changes, as they are true. */
    public static final Feed<Change> CHANGES = new Feed<>("changes");
    /** The changes, and among them the rows that were asked for. */
    public static final Feed<Fact> FACTS = new Feed<>("facts");
    /** The rows that tables have, as a whole, at a checkpoint at which they are due: see {@link WholeRows}. */
    public static final Feed<PartRow> ROWS = new Feed<>("rows");
    /** Dead letters. */
    public static final Feed<Change> LETTERS = new Feed<>("letters");
    /** Changes and dead letters. */
    public static final Feed<Change> CHANGES_AND_LETTERS = new Feed<>("changes and letters");

    private final String name;

    private Feed(String name) {
        this.name = name;
    }

    @Override
    public String toString() {
        return name;
    }
}
