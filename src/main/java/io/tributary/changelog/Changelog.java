package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the source says into what is true. Changes of one key must come in the order of their source partition.
 *
 * <p>Two fences drop what a connector delivers again: the bucket's, per source partition, on the source's sequence (commit
 * before the transaction, event), and the row's own, on the event alone, which only grows for one key. Events without a
 * sequence (snapshots, other sources) pass both. A snapshot takes the fences away: after it the source may count anew.
 */
public final class Changelog {
    private static final long NO_SEQUENCE = -1;

    private final RowReader reader = new RowReader();
    private final RowReader priorReader = new RowReader();
    private final RowWriter writer = new RowWriter();

    /** Takes note of what concerns all buckets of a table: a truncate, or the beginning of a snapshot. */
    public void mark(Change change, Bucket bucket, Rows rows) {
        if (change.operation == Operation.TRUNCATE) {
            apply(change, bucket, rows);
        } else {
            bucket.advance(bucket.fence(change.requireSchema().topic(), change.partition), NO_SEQUENCE, NO_SEQUENCE);
        }
    }

    /** Applies a row's change or a truncate and makes it exact: operation, before and after are what is true then. */
    public Verdict apply(Change change, Bucket bucket, Rows rows) {
        TableSchema schema = change.requireSchema();
        boolean streamed = change.sequenceEvent != NO_SEQUENCE;
        Bucket.Fence fence = bucket.fence(schema.topic(), change.partition);
        // the first events after a snapshot know no commit before them: only the row's fence can judge those
        int place =
                streamed && change.sequenceCommit > 0 ? fence.compare(change.sequenceCommit, change.sequenceEvent) : 1;
        if (place < 0 || place == 0 && change.operation == Operation.TRUNCATE) {
            return Verdict.DUPLICATE;
        }
        Verdict verdict = change.operation == Operation.TRUNCATE
                ? truncate(rows)
                : change.key.isPresent() ? row(change, place, bucket, rows) : Verdict.APPLIED;
        if (change.snapshot) {
            bucket.advance(fence, NO_SEQUENCE, NO_SEQUENCE);
        } else if (place > 0 && streamed && change.sequenceCommit > 0) {
            bucket.advance(fence, change.sequenceCommit, change.sequenceEvent);
        }
        return verdict;
    }

    private static Verdict truncate(Rows rows) {
        rows.clear();
        return Verdict.APPLIED;
    }

    private Verdict row(Change change, int place, Bucket bucket, Rows rows) {
        byte[] prior = rows.get(change.key);
        if (isDuplicate(change, place, prior)) {
            return Verdict.DUPLICATE;
        }
        if (change.operation == Operation.DELETE) {
            delete(change, prior, bucket, rows);
            return Verdict.APPLIED;
        }
        if (!fillUnsent(change, prior, bucket)) {
            return Verdict.UNSENT;
        }
        rows.put(change.key, stored(change), prior != null);
        if (prior != null) {
            setBefore(change, prior, bucket);
            change.operation = change.operation == Operation.CREATE ? Operation.UPDATE : change.operation;
        }
        return Verdict.APPLIED;
    }

    private static boolean isDuplicate(Change change, int place, byte @Nullable [] prior) {
        if (change.sequenceEvent == NO_SEQUENCE) {
            return false;
        }
        return prior == null
                ? place == 0 && change.operation == Operation.DELETE
                : Bytes.getLong(prior, Rows.SEQUENCE) >= change.sequenceEvent;
    }

    private void delete(Change change, byte @Nullable [] prior, Bucket bucket, Rows rows) {
        if (prior == null) {
            keepKeyOnly(change);
        } else {
            rows.remove(change.key);
            setBefore(change, prior, bucket);
        }
        change.after.clear();
    }

    /** Of a row that was never seen only the key is certain: the rest of {@code before} may be made up. */
    private void keepKeyOnly(Change change) {
        TableSchema schema = change.requireSchema();
        List<Integer> key = schema.key();
        writer.reset();
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            int place = key.indexOf(column);
            if (place < 0 || !readKeyColumn(schema, change.key, place)) {
                writer.writeNull(column);
            } else {
                writer.copy(reader, schema.columns().get(column).type());
            }
        }
        int length = writer.end();
        change.before.set(writer.buffer(), writer.start(), length);
        change.beforeSchema = schema;
    }

    private boolean readKeyColumn(TableSchema schema, Slice key, int place) {
        TableSchema keySchema = new TableSchema(
                "",
                schema.table(),
                schema.key().stream().map(schema.columns()::get).toList(),
                List.of());
        reader.open(keySchema, key.bytes(), key.offset());
        boolean present = false;
        for (int i = 0; i <= place; i++) {
            present = reader.next();
        }
        return present;
    }

    private static void setBefore(Change change, byte[] prior, Bucket bucket) {
        change.before.set(prior, Rows.ROW, prior.length - Rows.ROW);
        // the place of the change is on its own topic, wherever the row came from
        change.beforeSchema = schemaOf(prior, bucket).on(change.requireSchema().topic());
    }

    private static TableSchema schemaOf(byte[] stored, Bucket bucket) {
        long id = Bytes.getLong(stored, Rows.SCHEMA_ID);
        TableSchema schema = bucket.schema(id);
        if (schema == null) {
            throw new IllegalStateException(
                    "a row is kept in schema %016x, which its bucket does not know".formatted(id));
        }
        return schema;
    }

    private static byte[] stored(Change change) {
        byte[] stored = new byte[Rows.ROW + change.after.length()];
        Bytes.putLong(stored, Rows.SCHEMA_ID, change.schemaId);
        Bytes.putLong(stored, Rows.SEQUENCE, change.sequenceEvent);
        System.arraycopy(change.after.bytes(), change.after.offset(), stored, Rows.ROW, change.after.length());
        return stored;
    }

    /** Puts the prior row's values where the source left unchanged ones out; false if one is not known. */
    private boolean fillUnsent(Change change, byte @Nullable [] prior, Bucket bucket) {
        TableSchema schema = change.requireSchema();
        reader.open(schema, change.after.bytes(), change.after.offset());
        if (!reader.hasUnsent()) {
            return true;
        }
        if (prior == null || change.operation != Operation.UPDATE) {
            return false; // a create that leaves values out is of a changed key: they are the old key's
        }
        TableSchema priorSchema = schemaOf(prior, bucket);
        writer.reset();
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            ColumnType type = schema.columns().get(column).type();
            if (reader.next()) {
                writer.copy(reader, type);
            } else if (!reader.isUnsent()) {
                writer.writeNull(column);
            } else {
                int index = priorSchema.indexOf(schema.columns().get(column).name());
                if (index < 0 || !priorSchema.columns().get(index).type().equals(type)) {
                    return false;
                }
                if (readPrior(priorSchema, prior, index)) {
                    writer.copy(priorReader, type);
                } else {
                    writer.writeNull(column);
                }
            }
        }
        int length = writer.end();
        change.after.set(writer.buffer(), writer.start(), length);
        return true;
    }

    private boolean readPrior(TableSchema schema, byte[] prior, int column) {
        priorReader.open(schema, prior, Rows.ROW);
        boolean present = false;
        for (int i = 0; i <= column; i++) {
            present = priorReader.next();
        }
        return present;
    }
}
