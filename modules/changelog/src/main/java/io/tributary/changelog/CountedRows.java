package io.tributary.changelog;

import io.tributary.change.Slice;
import org.jspecify.annotations.Nullable;

/** Counts rows as they come and go; equal rows of a table without a key are as many as they are. */
final class CountedRows implements Rows {
    private final Rows rows;
    private long added;

    CountedRows(Rows rows) {
        this.rows = rows;
    }

    /** How many rows came, less those that went, since it was asked last. */
    long takeAdded() {
        long since = added;
        added = 0;
        return since;
    }

    /** How many rows there are. */
    long count() {
        long[] count = {0};
        rows.forEach(entry -> {
            count[0] += number(entry.kind(), entry.stored());
            return Visit.KEEP;
        });
        return count[0];
    }

    /** How many rows an entry is. */
    private static int number(Kind kind, byte @Nullable [] stored) {
        if (stored == null || kind == Kind.SHADOW) {
            return 0;
        }
        return kind == Kind.BAG ? Bag.count(stored) : 1;
    }

    @Override
    public byte @Nullable [] get(Kind kind, Slice key) {
        return rows.get(kind, key);
    }

    @Override
    public void put(Kind kind, Slice key, byte[] stored, boolean replaces) {
        if (!replaces || kind == Kind.BAG) { // what replaces a row is one row, too
            added += number(kind, stored) - (replaces ? number(kind, rows.get(kind, key)) : 0);
        }
        rows.put(kind, key, stored, replaces);
    }

    /** A row that is removed must be there. */
    @Override
    public void remove(Kind kind, Slice key) {
        added -= kind == Kind.ROW ? 1 : number(kind, rows.get(kind, key));
        rows.remove(kind, key);
    }

    @Override
    public void forEach(Visitor visitor) {
        rows.forEach(entry -> {
            int before = number(entry.kind(), entry.stored());
            Visit visit = visitor.visit(entry);
            switch (visit) {
                case KEEP -> {}
                case REMOVE -> added -= before;
                case REPLACE -> added += number(entry.kind(), entry.stored()) - before;
            }
            return visit;
        });
    }

    @Override
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    @Override
    public void clear() {
        added -= count();
        rows.clear();
    }
}
