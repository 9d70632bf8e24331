package io.tributary.change;

import org.jspecify.annotations.Nullable;

/**
 * What a record says of a row or of its table, on its way from decode to the changelog, which knows whether it is true. An
 * instance is reused for the next event: whoever keeps something copies it.
 */
public final class Event {
    /** What the record is, for the room that receives it. */
    public enum Kind {
        /** A change of a row, or a truncate. */
        ROW,
        /** Tells a bucket a {@link #schema} before the first row that needs it. */
        DEFINITION,
        /**
         * What concerns all buckets of a table: a truncate, told to those that do not write it to the history; as a READ, that a
         * snapshot begins, as a DELETE, that none is going on any more.
         */
        MARKER,
        /** The newest change of this key could not be read. */
        LOST,
        /** Asks a bucket for the rows that it has; {@link #partition} is how many buckets the table has. */
        SHOW;

        private static final Kind[] BY_ORDINAL = values();

        public static Kind of(int ordinal) {
            return BY_ORDINAL[ordinal];
        }
    }

    public Kind kind = Kind.ROW;
    public Operation operation = Operation.CREATE;
    /** Routes the event: a number for (table, bucket of the key), the same in every process. */
    public long bucket;
    /** {@link TableSchema#id()} of the row, also while {@link #schema} is not known yet. */
    public long schemaId;

    public @Nullable TableSchema schema;
    public int partition;
    /** The place within topic and partition; unique there, with gaps. */
    public long offset;
    /** Of a dead letter that is offered again: its offset among those; -1 otherwise. */
    public long replay = -1;
    /** Of a dead letter that is offered again: the offset of its partition below which no later record has its key; -1 if not known. */
    public long unchangedTo = -1;
    /** When the source committed the change, in milliseconds since 1970; 0 when unknown. */
    public long sourceMillis;
    /** When the record was written to its topic, in milliseconds since 1970; 0 when unknown. */
    public long recordMillis;
    /** Whether the row is of a snapshot that the connector made before it streamed (not of an incremental one). */
    public boolean snapshot;
    /** Of a snapshot's row: whether it is the first of its table; of a marker that a snapshot begins, whether it is a new one. */
    public boolean first;
    /** Of a snapshot's row: whether it is the last of its table. */
    public boolean last;
    /** Whether a delete is known from a tombstone alone: it says nothing if there is no row. */
    public boolean tombstone;
    /** Whether a delete is one half of a changed key. */
    public boolean moved;
    /** Whether its source adds columns behind all others. */
    public boolean appends;
    /** The source's own order within the partition: first the commit before this transaction, then the event; -1 when it has none. */
    public long sequenceCommit = -1;

    public long sequenceEvent = -1;
    /** The key's columns as a row of their own, or absent for a table without a key. */
    public final Slice key = new Slice();
    /** The key that the row had before, in a create that is one half of a changed key; absent otherwise. */
    public final Slice oldKey = new Slice();
    /** The row before, as the event has it, in the schema {@link #schema}. */
    public final Slice before = new Slice();
    /** The row after, as the event has it, in the schema {@link #schema}. */
    public final Slice after = new Slice();
    /** What changed in a document, as MongoDB's {@code updateDescription}, where the document itself was not sent; or absent. */
    public final Slice patch = new Slice();
    /** What a dead letter of it says of its record, where the changelog may reject it; else absent. */
    public final Slice origin = new Slice();
    /** The source's transaction id as text, or absent. */
    public final Slice transaction = new Slice();

    /** Makes this the creation of an empty row. */
    public void clear() {
        kind = Kind.ROW;
        operation = Operation.CREATE;
        bucket = 0;
        schemaId = 0;
        schema = null;
        partition = 0;
        offset = 0;
        replay = -1;
        unchangedTo = -1;
        sourceMillis = 0;
        recordMillis = 0;
        snapshot = false;
        first = false;
        last = false;
        tombstone = false;
        moved = false;
        appends = false;
        sequenceCommit = -1;
        sequenceEvent = -1;
        key.clear();
        oldKey.clear();
        before.clear();
        after.clear();
        patch.clear();
        origin.clear();
        transaction.clear();
    }

    /** @throws IllegalStateException if the schema's definition did not come ahead of the row */
    public TableSchema requireSchema() {
        if (schema == null) {
            throw new IllegalStateException(
                    "schema %016x of partition %d offset %d was not defined before its first row"
                            .formatted(schemaId, partition, offset));
        }
        return schema;
    }
}
