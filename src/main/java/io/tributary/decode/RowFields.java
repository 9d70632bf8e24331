package io.tributary.decode;

import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the object of a row's columns into the stream's form. */
final class RowFields {
    private final JsonScanner json;
    private final RowWriter rows;
    private final ValueReader values;
    private final KeyReader key;
    private final RowReader reader = new RowReader();
    /** By the layout's columns: those whose value is no placeholder, whatever it looks like; null for none. */
    private boolean @Nullable [] sent;

    /** How many values of the present record were set to null because their column cannot hold them. */
    int nulled;

    /** @param key what it was opened for last has what the row does not */
    RowFields(JsonScanner json, RowWriter rows, ValueReader values, KeyReader key) {
        this.key = key;
        this.json = json;
        this.rows = rows;
        this.values = values;
    }

    /** The guess may be of another table: a value that does not fit is no error yet. */
    boolean tryRead(RowLayout guess, Placeholders unsent) {
        try {
            return readInOrder(guess, unsent, false);
        } catch (DecodeException e) {
            if (e.reason() == Reason.NOT_JSON) {
                throw e;
            }
            rows.abandon();
            return false;
        }
    }

    /**
     * Reads the row at this place and returns its length.
     *
     * @param unsent what stands for an unchanged value; null where none can
     * @param flat whether the transform's fields may stand among the columns
     */
    int read(RowLayout layout, int at, @Nullable Placeholders unsent, boolean flat) {
        json.position(at);
        if (!readInOrder(layout, unsent, flat)) {
            json.position(at);
            readByName(layout, unsent, flat);
        }
        return rows.end();
    }

    /** Reads a row whose fields come in the layout's order; otherwise false, and nothing is written. */
    private boolean readInOrder(RowLayout layout, @Nullable Placeholders unsent, boolean flat) {
        if (layout.hasBeside) {
            return false;
        }
        LayoutColumn[] columns = layout.columns;
        json.expect('{');
        rows.begin(layout.schema.columns().size());
        for (int i = 0; i < columns.length; i++) {
            if (!json.tryField(i == 0, columns[i].field())
                    && (!json.nextField(i == 0) || !json.tokenIs(columns[i].utf8()))) {
                rows.abandon();
                return false;
            }
            value(layout, i, unsent);
        }
        boolean first = columns.length == 0;
        while (json.nextField(first)) {
            first = false;
            if (!flat || !FlatRow.isMetadata(json.tokenText())) {
                rows.abandon();
                return false;
            }
            json.skip();
        }
        return true;
    }

    private void readByName(RowLayout layout, @Nullable Placeholders unsent, boolean flat) {
        int[] found = new int[layout.columns.length];
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            int index = layout.indexOf(name);
            if (index < 0 && !(flat && FlatRow.isMetadata(name))) {
                throw new DecodeException(
                        Reason.SCHEMA,
                        "cannot find the column " + DecodeException.shown(name) + " in the schema block");
            }
            json.peek();
            if (index >= 0) {
                found[index] = json.position();
            }
            json.skip();
        }
        rows.begin(layout.schema.columns().size());
        for (int i = 0; i < found.length; i++) {
            if (found[i] != 0) {
                json.position(found[i]);
                value(layout, i, unsent);
            } else if (layout.places[i] >= 0 && !(layout.columns[i].isBeside() && besideValue(layout, i))) {
                rows.writeNull(layout.places[i]);
            }
        }
    }

    /** Writes what the key has of a column that the row has not; false if it has nothing. */
    private boolean besideValue(RowLayout layout, int index) {
        JsonScanner inKey = key.find(layout.columns[index].name());
        if (inKey == null) {
            return false;
        }
        value(inKey, layout, index, null);
        return true;
    }

    private void value(RowLayout layout, int index, @Nullable Placeholders unsent) {
        value(json, layout, index, sent != null && sent[index] ? null : unsent);
    }

    private void value(JsonScanner json, RowLayout layout, int index, @Nullable Placeholders unsent) {
        LayoutColumn column = layout.columns[index];
        int place = layout.places[index];
        if (place < 0) {
            json.skip();
            return;
        }
        int at = json.position();
        try {
            values.read(json, column, place, unsent, rows);
        } catch (OutOfRangeException e) {
            switch (layout.settings.outOfRange()) {
                case TEXT -> throw e.in(index);
                case NULL -> {
                    json.position(at);
                    json.skip();
                    rows.writeNull(place);
                    nulled++;
                }
                case REJECT -> throw in(column, e);
            }
        } catch (DecodeException e) {
            throw in(column, e);
        }
    }

    static DecodeException in(LayoutColumn column, DecodeException e) {
        return e.reason() == Reason.VALUE || e.reason() == Reason.OUT_OF_RANGE
                ? new DecodeException(e.reason(), "column '" + column.name() + "': " + e.getMessage())
                : e;
    }

    /** Writes the key's columns of a row that was read as a row of their own and returns its length. */
    int keyOf(RowLayout layout, int row) {
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

    boolean hasUnsent(RowLayout layout, int row) {
        reader.open(layout.schema, rows.buffer(), row);
        return reader.hasUnsent();
    }

    /** The names in the row at this place. */
    Set<String> names(int at) {
        return new HashSet<>(unknown(RowLayout.NONE, at, false));
    }

    /** The names in the row at this place that the layout does not have. */
    List<String> unknown(RowLayout layout, int at, boolean flat) {
        List<String> names = new ArrayList<>();
        json.position(at);
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            if (layout.indexOf(name) < 0 && !(flat && FlatRow.isMetadata(name)) && !names.contains(name)) {
                names.add(name);
            }
            json.skip();
        }
        return names;
    }

    /**
     * Reads a row again of which some columns hold what looks like the placeholder, though the row before it has another value there: such a
     * column was sent, and this is its value.
     *
     * @param row where the row lies that was read with its placeholders
     * @return the row's length, or -1 if there is no such column
     */
    int readSent(RowLayout layout, int row, int at, int beforeAt, Placeholders placeholders, boolean flat) {
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
