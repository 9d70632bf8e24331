package io.tributary.decode;

import java.io.Serializable;

/**
 * How much records may ask for: what is beyond is a dead letter, and not an end of memory. Each decoding task counts for itself, since its
 * start.
 *
 * @param tables how many there may be
 * @param columns of a table
 * @param schemas that one table may have had
 * @param newSchemas that one table may get between two checkpoints
 * @param keyBytes of a record's key
 * @param recordBytes of a record's value
 */
public record Limits(int tables, int columns, int schemas, int newSchemas, int keyBytes, int recordBytes)
        implements Serializable {
    public static final Limits DEFAULT = new Limits(10_000, 5_000, 1_000, 100, 64 << 10, 64 << 20);
}
