package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import org.jspecify.annotations.Nullable;

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

    /** Whether the row, or what came after it, has the event already. */
    static boolean isDuplicate(Event event, int place, byte @Nullable [] prior) {
        if (event.sequenceEvent == Changelog.NO_SEQUENCE) {
            return false;
        }
        // a delete comes first at its place: what was there is itself, or what the other half of its key's change made
        return place == 0 && event.operation == Operation.DELETE
                || prior != null && Bytes.getLong(prior, Rows.SEQUENCE) >= event.sequenceEvent;
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

    /** Makes a stored row the one before a change. */
    static void setBefore(Change change, byte[] prior, Bucket bucket) {
        if (prior.length == Rows.ROW) {
            return; // the table keeps keys only
        }
        change.before.set(prior, Rows.ROW, prior.length - Rows.ROW);
        // the place of the change is on its own topic, wherever the row came from
        change.beforeSchema = schemaOf(prior, bucket).on(change.schema.topic());
    }
}
