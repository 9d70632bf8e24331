package io.tributary.decode;

import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Keys in JSON: an object of the key's columns, with or without the schema block in front of it. */
final class JsonKeyReader implements KeyReader {
    /** A key's column that Debezium's topic router adds, unless it is told another name. */
    private static final String ROUTER_COLUMN = "__dbz__physicalTableIdentifier";

    private final JsonScanner json = new JsonScanner();
    private final ValueReader values;
    private boolean wrapped;
    private int start;
    private byte[] prefix = {};
    /** Whether all behind the payload was looked at before it. */
    private boolean isEnded;
    /** Whether the router's column is of the key. */
    private boolean isRouted;

    JsonKeyReader(ValueReader values) {
        this.values = values;
    }

    @Override
    public boolean open(byte[] key, Topic topic) {
        isEnded = false;
        isRouted = topic.keepsRouter();
        json.open(key, 0, key.length);
        prefix = topic.keyPrefix;
        wrapped = prefix.length > 0
                && Arrays.equals(key, 0, Math.min(key.length, prefix.length), prefix, 0, prefix.length);
        if (wrapped) {
            json.position(prefix.length);
        } else if (json.peek() == '{') {
            wrapped = skipKeySchema();
            if (wrapped) {
                prefix = Arrays.copyOf(key, json.position());
                topic.keyPrefix = prefix;
            } else {
                json.position(0);
                isEnded = Wrapped.payloadBeforeSchema(json) >= 0;
            }
        }
        if (json.tryNull()) {
            expectEnd();
            return false;
        }
        if (json.peek() != '{') {
            json.skip();
            throw new DecodeException(Reason.KEY, "cannot use a key that is no object");
        }
        start = json.position();
        return true;
    }

    private void expectEnd() {
        if (!isEnded) {
            json.expectEnd(wrapped);
        }
    }

    /** Goes to the key's payload if a schema block is before it; columns may be called schema and payload as well. */
    private boolean skipKeySchema() {
        json.expect('{');
        if (!json.nextField(true) || !json.tokenIs(Wrapped.SCHEMA) || json.peek() != '{' && json.peek() != 'n') {
            return false;
        }
        json.skip();
        return json.nextField(false) && json.tokenIs(Wrapped.PAYLOAD);
    }

    @Override
    public boolean matches(RowLayout layout) {
        json.position(start);
        json.expect('{');
        int count = 0;
        while (isNext(layout, count)) {
            count++;
            json.skip();
        }
        if (count < layout.key.length || json.nextField(count == 0)) {
            return false;
        }
        expectEnd();
        return true;
    }

    private boolean isNext(RowLayout layout, int index) {
        if (index == layout.key.length) {
            return false;
        }
        LayoutColumn column = layout.key[index];
        return json.tryField(index == 0, column.field()) || json.nextField(index == 0) && json.tokenIs(column.utf8());
    }

    @Override
    public List<String> names() {
        json.position(start);
        json.expect('{');
        List<String> names = new ArrayList<>();
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            if (!names.contains(name) && (isRouted || !name.equals(ROUTER_COLUMN))) {
                names.add(name);
            }
            json.skip();
        }
        expectEnd();
        return names;
    }

    @Override
    public SchemaBlock schema() {
        if (!wrapped) {
            return SchemaBlock.none();
        }
        JsonScanner ahead = new JsonScanner();
        ahead.open(prefix, 0, prefix.length);
        ahead.expect('{');
        ahead.nextField(true);
        ahead.peek();
        int from = ahead.position();
        ahead.skip();
        return SchemaBlock.of(prefix, from, ahead.position());
    }

    @Override
    public int read(RowLayout layout, RowWriter rows) {
        json.position(start);
        json.expect('{');
        rows.begin(layout.key.length);
        int index = 0;
        while (index < layout.key.length && json.tryField(index == 0, layout.key[index].field())) {
            value(layout, index++, rows);
        }
        boolean first = index == 0;
        while (json.nextField(first)) {
            first = false;
            LayoutColumn column = index < layout.key.length ? layout.key[index] : null;
            if (column != null
                    && (json.tokenIs(column.utf8()) || json.tokenText().equals(column.name()))) {
                value(layout, index++, rows);
            } else {
                json.skip();
            }
        }
        return rows.end();
    }

    /** The same for columns in any order, as headers have them; 0 if one is missing. */
    int readByName(RowLayout layout, RowWriter rows) {
        rows.begin(layout.key.length);
        for (int index = 0; index < layout.key.length; index++) {
            if (!find(layout.key[index].name())) {
                rows.abandon();
                return 0;
            }
            value(layout, index, rows);
        }
        return rows.end();
    }

    @Override
    public boolean readColumn(LayoutColumn column, int place, RowWriter rows) {
        boolean isThere = find(column.name());
        if (isThere) {
            values.read(json, column, place, null, rows);
        }
        return isThere;
    }

    /** Goes to the value of a column. */
    private boolean find(String name) {
        json.position(start);
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            if (json.tokenText().equals(name)) {
                return true;
            }
            json.skip();
        }
        return false;
    }

    private void value(RowLayout layout, int index, RowWriter rows) {
        LayoutColumn column = layout.key[index];
        try {
            values.read(json, column, index, null, rows);
        } catch (OutOfRangeException e) {
            throw e.in(layout.indexOf(column.name()));
        } catch (DecodeException e) {
            throw RowFields.in(column, e);
        }
    }
}
