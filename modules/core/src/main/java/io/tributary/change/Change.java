package io.tributary.change;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One change of one row, as it is true, on its way from the changelog to the sinks. An instance is reused for the next change:
 * whoever keeps something copies it.
 *
 * <p>A dead letter, which goes its own way, is the creation of a row of the table of dead letters.
 */
public final class Change implements Fact {
    private static final TableSchema NOTHING = new TableSchema("", new TableName("", ""), List.of(), List.of());

    public Operation operation = Operation.CREATE;
    /** Of the table as the change has it; its topic is where the change comes from. */
    public TableSchema schema = NOTHING;

    public int partition;
    /** The place within topic and partition; unique there, with gaps. */
    public long offset;
    /** Of a dead letter that was offered again: its offset among those; -1 otherwise. */
    public long replay = -1;
    /** When the source committed the change, in milliseconds since 1970; 0 when unknown. */
    public long sourceMillis;
    /** When the record was written to its topic, in milliseconds since 1970; 0 when unknown. */
    public long recordMillis;
    /** Whether a snapshot or a new schema brought it about, rather than a change that the source made. */
    public boolean snapshot;
    /** Whether the row of a delete was not among the changelog's rows. */
    public boolean unseen;
    /**
     * Whether a later change of its row came first, by another partition: it belongs to the history, and changes nothing that is there. What
     * was before it is not known.
     */
    public boolean late;
    /** The source's own order within the partition; -1 when it has none. */
    public long sequence = -1;
    /** The key's columns as a row of their own, or absent for a table without a key. */
    public final Slice key = new Slice();
    /** The row before the change, in the schema {@link #beforeSchema}. */
    public final Slice before = new Slice();

    public @Nullable TableSchema beforeSchema;
    /** The row after the change, in the schema {@link #schema}. */
    public final Slice after = new Slice();
    /** The source's transaction id as text, or absent. */
    public final Slice transaction = new Slice();

    /** Makes this the creation of an empty row. */
    public void clear() {
        operation = Operation.CREATE;
        schema = NOTHING;
        beforeSchema = null;
        partition = 0;
        offset = 0;
        replay = -1;
        sourceMillis = 0;
        recordMillis = 0;
        snapshot = false;
        unseen = false;
        late = false;
        sequence = -1;
        key.clear();
        before.clear();
        after.clear();
        transaction.clear();
    }

    /**
     * Makes this what an event says, until the changelog knows better.
     *
     * @throws IllegalStateException if the event's schema is not known yet
     */
    public Change of(Event event) {
        operation = event.operation;
        schema = event.requireSchema();
        beforeSchema = null; // what was before, the changelog says
        partition = event.partition;
        offset = event.offset;
        replay = event.replay;
        sourceMillis = event.sourceMillis;
        recordMillis = event.recordMillis;
        snapshot = event.snapshot;
        unseen = false;
        late = false;
        sequence = event.sequenceEvent;
        key.set(event.key);
        before.set(event.before);
        after.set(event.after);
        transaction.set(event.transaction);
        return this;
    }

    /** The row that the change tells of: after it, or, of a delete, before it. A truncate has none. */
    public Slice image() {
        return operation == Operation.DELETE ? before : after;
    }

    /** The schema of the {@link #image()}. */
    public TableSchema imageSchema() {
        TableSchema ofBefore = operation == Operation.DELETE ? beforeSchema : null;
        return ofBefore == null ? schema : ofBefore;
    }
}
