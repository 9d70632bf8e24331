package io.tributary.flow;

import java.io.Serializable;

/**
 * A count to be added to the account of a table.
 *
 * @param detail of rejections, what was wrong with the last; else empty
 */
public record Tally(Name name, long count, String detail) {

    public Tally(Name name, long count) {
        this(name, count, "");
    }

    public Tally(String table, Counter counter, String label, long count) {
        this(new Name(table, counter, label), count);
    }

    /**
     * What is counted.
     *
     * @param table as {@link io.tributary.change.TableName#toString()} spells it, or a topic that names none
     * @param label tells counts of one counter apart: the operation's letter, the reason of a rejection; may be empty
     */
    public record Name(String table, Counter counter, String label) implements Serializable {
        // by hand: see TableName
        @Override
        public boolean equals(Object o) {
            return o instanceof Name other
                    && table.equals(other.table)
                    && counter.equals(other.counter)
                    && label.equals(other.label);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * table.hashCode() + counter.hashCode()) + label.hashCode();
        }
    }

    /** {@code read = applied + duplicates + rejected + ignored}, for every table. */
    public enum Counter {
        READ,
        APPLIED,
        DUPLICATES,
        REJECTED,
        IGNORED,
        /** Applied, with values that became null because a table's policy or a rule says so. */
        NULLED,
        /** Applied, although a rule is broken. */
        WARNED,
        /** Rows that are there: goes down where they go. */
        ROWS
    }

    public String table() {
        return name.table;
    }

    public Counter counter() {
        return name.counter;
    }

    public String label() {
        return name.label;
    }
}
