package io.tributary.decode;

import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;

/** Reads the object of a row's columns into the stream's form. */
final class RowFields {
    private final JsonScanner json;
    private final RowWriter rows;
    private final RowReader reader = new RowReader();

    RowFields(JsonScanner json, RowWriter rows) {
        this.json = json;
        this.rows = rows;
    }

    /** The guess may be of another table: a value that does not fit is no error yet. */
    boolean tryRead(RowLayout guess) {
        try {
            return readInOrder(guess, true);
        } catch (DecodeException e) {
            if (e.reason() != Reason.VALUE) {
                throw e;
            }
            rows.abandon();
            return false;
        }
    }

    /** Reads the row at this place and returns its length. */
    int read(RowLayout layout, int at, boolean mayBeUnsent) {
        json.position(at);
        if (!readInOrder(layout, mayBeUnsent)) {
            json.position(at);
            readByName(layout, mayBeUnsent);
        }
        return rows.end();
    }

    /** Reads a row whose fields come in the layout's order; otherwise false, and nothing is written. */
    private boolean readInOrder(RowLayout layout, boolean mayBeUnsent) {
        LayoutColumn[] columns = layout.columns;
        json.expect('{');
        rows.begin(columns.length);
        for (int i = 0; i < columns.length; i++) {
            if (!json.nextField(i == 0) || !json.tokenIs(columns[i].utf8())) {
                rows.abandon();
                return false;
            }
            readValue(json, columns[i], i, mayBeUnsent, rows);
        }
        if (json.nextField(columns.length == 0)) {
            rows.abandon();
            return false;
        }
        return true;
    }

    private void readByName(RowLayout layout, boolean mayBeUnsent) {
        int[] places = new int[layout.columns.length];
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            int index = layout.indexOf(name);
            if (index < 0) {
                throw new DecodeException(
                        Reason.SCHEMA,
                        "cannot find the column " + DecodeException.shown(name) + " in the schema block");
            }
            json.peek();
            places[index] = json.position();
            json.skip();
        }
        rows.begin(places.length);
        for (int i = 0; i < places.length; i++) {
            if (places[i] == 0) {
                rows.writeNull(i);
            } else {
                json.position(places[i]);
                readValue(json, layout.columns[i], i, mayBeUnsent, rows);
            }
        }
    }

    static void readValue(JsonScanner json, LayoutColumn column, int index, boolean mayBeUnsent, RowWriter rows) {
        try {
            ValueReader.read(json, column, index, mayBeUnsent, rows);
        } catch (DecodeException e) {
            throw e.reason() == Reason.VALUE
                    ? new DecodeException(Reason.VALUE, "column '" + column.name() + "': " + e.getMessage())
                    : e;
        }
    }

    /** Writes the key's columns of a row that was read as a row of their own and returns its length. */
    int keyOf(RowLayout layout, int row) {
        int length = layout.key.length;
        byte[] image = rows.buffer();
        rows.begin(length);
        for (int i = 0; i < length; i++) {
            reader.open(layout.schema, image, row);
            boolean present = false;
            for (int column = 0; column <= layout.key[i]; column++) {
                present = reader.next();
            }
            if (present) {
                rows.copy(reader, layout.columns[layout.key[i]].type());
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
}
