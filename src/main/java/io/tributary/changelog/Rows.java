package io.tributary.changelog;

import io.tributary.change.Slice;
import org.jspecify.annotations.Nullable;

/**
 * The live rows of one bucket, by key. A stored row is the id of its schema, the source's sequence of the event that wrote
 * it (-1 for a snapshot's), both little-endian, and the row.
 */
public interface Rows {
    int SCHEMA_ID = 0;
    int SEQUENCE = 8;
    int ROW = 16;

    byte @Nullable [] get(Slice key);

    /** @param replaces whether a row of this key is there */
    void put(Slice key, byte[] stored, boolean replaces);

    void remove(Slice key);

    void clear();
}
