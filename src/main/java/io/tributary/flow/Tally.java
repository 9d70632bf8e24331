package io.tributary.flow;

/**
 * A count to be added to the account of a table.
 *
 * @param table as {@link io.tributary.change.TableName#toString()} spells it, or a topic that names none
 * @param counter what was counted
 * @param label tells counts of one counter apart: the operation's letter, the reason of a rejection; may be empty
 */
public record Tally(String table, Counter counter, String label, long count) {
    /** {@code read = applied + duplicates + rejected + ignored}, for every table. */
    public enum Counter {
        READ,
        APPLIED,
        DUPLICATES,
        REJECTED,
        IGNORED
    }
}
