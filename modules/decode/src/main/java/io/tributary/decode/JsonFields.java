package io.tributary.decode;

import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads rows that are objects of JSON. */
final class JsonFields extends RowFields {
    private final JsonScanner json;
    private final ValueReader values;
    private final Supplier<@Nullable KeyReader> key;

    /** @param key has what the row does not */
    JsonFields(JsonScanner json, RowWriter rows, ValueReader values, Supplier<@Nullable KeyReader> key) {
        super(rows);
        this.json = json;
        this.values = values;
        this.key = key;
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

    @Override
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
            } else if (layout.places[i] >= 0) {
                besideValue(layout, i, layout.columns[i].isBeside() ? key.get() : null);
            }
        }
    }

    @Override
    void readValue(LayoutColumn column, int place, @Nullable Placeholders unsent) {
        values.read(json, column, place, unsent, rows);
    }

    @Override
    int position() {
        return json.position();
    }

    @Override
    void skip(int at) {
        json.position(at);
        json.skip();
    }

    @Override
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
}
