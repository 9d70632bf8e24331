package io.tributary.changelog;

import io.tributary.change.Slice;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one bucket. A stored row is the id of its schema, the source's sequence of the event that wrote it (-1 for a
 * snapshot's), the snapshot generation and the source partition it was last seen in, all little-endian, and the row.
 */
public interface Rows {
    int SCHEMA_ID = 0;
    int SEQUENCE = 8;
    int GENERATION = 16;
    int PARTITION = 20;
    int ROW = 24;

    /** What is kept under a key; the first byte of a key in state tells: a row's key begins with 0 or 1. */
    enum Kind {
        /** A live row, under its key. */
        ROW(0),
        /** What the source has where the sinks have something else, because changes were rejected; under the row's key. */
        SHADOW(0x10),
        /** Equal rows of a table without a key, with their number, under a hash of their values. */
        BAG(0x20);

        private final int prefix;

        Kind(int prefix) {
            this.prefix = prefix;
        }

        int prefix() {
            return prefix;
        }
    }

    /** What becomes of a visited entry. */
    enum Visit {
        KEEP,
        REMOVE,
        /** It holds what {@link Entry#replace} was given. */
        REPLACE
    }

    /** An entry during a visit. */
    interface Entry {
        Kind kind();

        /** The key, without the kind's prefix. */
        byte[] key();

        byte[] stored();

        Visit replace(byte[] stored);

        /** The entry for after the visit. */
        Entry copy();
    }

    /** Looks at an entry. */
    interface Visitor {
        Visit visit(Entry entry);
    }

    byte @Nullable [] get(Kind kind, Slice key);

    /** @param replaces whether something is there under this key */
    void put(Kind kind, Slice key, byte[] stored, boolean replaces);

    void remove(Kind kind, Slice key);

    /** Visits all; the visitor must not touch the rows otherwise. */
    void forEach(Visitor visitor);

    boolean isEmpty();

    void clear();
}
