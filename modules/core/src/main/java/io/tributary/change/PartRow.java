package io.tributary.change;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Of a part of a table: the {@link #head} that tells of all its rows, or one of the rows behind it. An instance is reused for
 * the next: whoever keeps something copies it.
 */
public final class PartRow implements Fact {
    /** Which part, the same in every process. */
    public long part;
    /** Of a head; null of a row. */
    public @Nullable Replacement head;
    /** Of a row its own, of a head the table's newest; it has no columns where none is known. */
    public TableSchema schema = new TableSchema("", new TableName("", ""), List.of(), List.of());
    /** The row in its {@link #schema}; absent in a head. */
    public final Slice row = new Slice();
    /** The partition that the row's newest change came by. */
    public int partition;
    /** The source's own order of that change; -1 when it has none. */
    public long sequence = -1;

    /** Makes this a head. */
    public PartRow head(long ofPart, Replacement replacement) {
        part = ofPart;
        head = replacement;
        schema = replacement.schemas().get(replacement.schemas().size() - 1);
        row.clear();
        partition = 0;
        sequence = -1;
        return this;
    }

    /** Makes this a row behind the head. */
    public PartRow row(TableSchema ofRow, byte[] bytes, int offset, int length) {
        head = null;
        schema = ofRow;
        row.set(bytes, offset, length);
        partition = 0;
        sequence = -1;
        return this;
    }
}
