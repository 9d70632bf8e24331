package io.tributary.decode;

import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the object of a row's columns into the stream's form. */
final class RowFields {
    private final JsonScanner json;
    private final RowWriter rows;
    private final ValueReader values;
    private final RowReader reader = new RowReader();

    /** How many values of the present record were set to null because their column cannot hold them. */
    int nulled;

    RowFields(JsonScanner json, RowWriter rows, ValueReader values) {
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
            } else if (layout.places[i] >= 0) {
                rows.writeNull(layout.places[i]);
            }
        }
    }

    private void value(RowLayout layout, int index, @Nullable Placeholders unsent) {
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

    /** Whether any of the columns that are unsent in the row has a value at the other place: then it was sent as well. */
    boolean hasValueOfUnsent(RowLayout layout, int row, int otherAt) {
        boolean[] unsent = new boolean[layout.columns.length];
        reader.open(layout.schema, rows.buffer(), row);
        for (int i = 0; i < unsent.length; i++) {
            unsent[i] = layout.places[i] >= 0 && !reader.next() && reader.isUnsent();
        }
        json.position(otherAt);
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            int index = layout.indexOf(json.tokenText());
            if (index >= 0 && unsent[index] && json.peek() != 'n') {
                return true;
            }
            json.skip();
        }
        return false;
    }
}
