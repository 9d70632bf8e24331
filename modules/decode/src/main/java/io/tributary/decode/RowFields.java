package io.tributary.decode;

import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the columns of a row, in one encoding, into the stream's form. */
abstract class RowFields {
    final RowWriter rows;
    private final RowReader reader = new RowReader();
    /** By the layout's columns: those whose value is no placeholder, whatever it looks like; null for none. */
    private boolean @Nullable [] sent;

    /** How many values of the present record were set to null because their column cannot hold them. */
    int nulled;

    RowFields(RowWriter rows) {
        this.rows = rows;
    }

    /**
     * Reads the row at this place and returns its length.
     *
     * @param unsent what stands for an unchanged value; null where none can
     * @param flat whether the transform's fields may stand among the columns
     */
    abstract int read(RowLayout layout, int at, @Nullable Placeholders unsent, boolean flat);

    /** The names in the row at this place that the layout does not have. */
    abstract List<String> unknown(RowLayout layout, int at, boolean flat);

    /** Reads the value that is next as the column's, which stands at this place of the row. */
    abstract void readValue(LayoutColumn column, int place, @Nullable Placeholders unsent);

    /** Where the value that is next begins. */
    abstract int position();

    /** Goes behind the value that begins at this place. */
    abstract void skip(int at);

    /** Reads the value that is next, as the table's settings say of what its column cannot hold. */
    final void value(RowLayout layout, int index, @Nullable Placeholders unsent) {
        LayoutColumn column = layout.columns[index];
        int place = layout.places[index];
        if (place < 0) {
            skip(position());
            return;
        }
        int at = position();
        try {
            readValue(column, place, sent != null && sent[index] ? null : unsent);
        } catch (OutOfRangeException e) {
            writeNulled(layout, index, e);
            skip(at);
        } catch (DecodeException e) {
            throw in(column, e);
        }
    }

    /** Writes what the key has of a column that the row has not, or else null. */
    final void besideValue(RowLayout layout, int index, @Nullable KeyReader key) {
        LayoutColumn column = layout.columns[index];
        int place = layout.places[index];
        try {
            if (key == null || !key.readColumn(column, place, rows)) {
                rows.writeNull(place);
            }
        } catch (OutOfRangeException e) {
            writeNulled(layout, index, e);
        } catch (DecodeException e) {
            throw in(column, e);
        }
    }

    private void writeNulled(RowLayout layout, int index, OutOfRangeException e) {
        switch (layout.settings.outOfRange()) {
            case TEXT -> throw e.in(index);
            case REJECT -> throw in(layout.columns[index], e);
            case NULL -> {
                rows.writeNull(layout.places[index]);
                nulled++;
            }
        }
    }

    static DecodeException in(LayoutColumn column, DecodeException e) {
        return e.reason() == Reason.VALUE || e.reason() == Reason.OUT_OF_RANGE
                ? new DecodeException(e.reason(), "column '" + column.name() + "': " + e.getMessage())
                : e;
    }

    /** Writes the key's columns of a row that was read as a row of their own and returns its length. */
    final int keyOf(RowLayout layout, int row) {
        List<Integer> key = layout.schema.key();
        byte[] image = rows.buffer();
        rows.begin(key.size());
        for (int i = 0; i < key.size(); i++) {
            reader.open(layout.schema, image, row);
            boolean present = false;
            for (int column = 0; column <= key.get(i); column++) {
                present = reader.next();
            }
            if (present) {
                rows.copyToKey(reader, layout.schema.columns().get(key.get(i)).type());
            } else {
                rows.writeNull(i);
            }
        }
        return rows.end();
    }

    final boolean hasUnsent(RowLayout layout, int row) {
        reader.open(layout.schema, rows.buffer(), row);
        return reader.hasUnsent();
    }

    /** The names in the row at this place. */
    final Set<String> names(int at) {
        return new HashSet<>(unknown(RowLayout.NONE, at, false));
    }

    /**
     * Reads a row again of which some columns hold what looks like the placeholder, though the row before it has another value there: such a
     * column was sent, and this is its value.
     *
     * @param row where the row lies that was read with its placeholders
     * @return the row's length, or -1 if there is no such column
     */
    final int readSent(RowLayout layout, int row, int at, int beforeAt, Placeholders placeholders, boolean flat) {
        boolean[] unsent = unsent(layout, row);
        read(layout, beforeAt, placeholders, flat);
        reader.open(layout.schema, rows.buffer(), rows.start());
        boolean any = false;
        for (int i = 0; i < unsent.length; i++) {
            boolean hasValue = layout.places[i] >= 0 && reader.next();
            unsent[i] &= hasValue;
            any |= unsent[i];
        }
        if (!any) {
            return -1;
        }
        sent = unsent;
        try {
            return read(layout, at, placeholders, flat);
        } finally {
            sent = null;
        }
    }

    private boolean[] unsent(RowLayout layout, int row) {
        boolean[] unsent = new boolean[layout.columns.length];
        reader.open(layout.schema, rows.buffer(), row);
        for (int i = 0; i < unsent.length; i++) {
            unsent[i] = layout.places[i] >= 0 && !reader.next() && reader.isUnsent();
        }
        return unsent;
    }
}
