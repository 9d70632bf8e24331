package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Event;
import io.tributary.change.TableSchema;

/** A row as state has it: its schema, place, generation and partition, and then its values, or nothing where keys alone are kept. */
final class Stored {
    private Stored() {}

    /** @param whole whether it has its values */
    static byte[] of(Event event, Fence fence, boolean whole) {
        byte[] stored = new byte[Rows.ROW + (whole ? event.after.length() : 0)];
        Bytes.putLong(stored, Rows.SCHEMA_ID, event.schemaId);
        Bytes.putLong(stored, Rows.SEQUENCE, event.sequenceEvent);
        Bytes.putInt(stored, Rows.GENERATION, fence.generation);
        Bytes.putInt(stored, Rows.PARTITION, event.partition);
        if (whole) {
            System.arraycopy(event.after.bytes(), event.after.offset(), stored, Rows.ROW, event.after.length());
        }
        return stored;
    }

    static long sequence(byte[] stored) {
        return Bytes.getLong(stored, Rows.SEQUENCE);
    }

    /** @throws IllegalStateException if the bucket does not know its schema */
    static TableSchema schemaOf(byte[] stored, Bucket bucket) {
        long id = Bytes.getLong(stored, Rows.SCHEMA_ID);
        TableSchema schema = bucket.schema(id);
        if (schema == null) {
            throw new IllegalStateException(
                    "a row is kept in schema %016x, which its bucket does not know".formatted(id));
        }
        return schema;
    }
}
