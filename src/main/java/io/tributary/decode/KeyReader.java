package io.tributary.decode;

import io.tributary.change.RowWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a record's key: an object of the key's columns, with or without the schema block in front of it. */
final class KeyReader {
    /** A key's column that Debezium's topic router adds, unless it is told another name. */
    private static final String ROUTER_COLUMN = "__dbz__physicalTableIdentifier";

    /** How the columns begin that routers add, and no table has. */
    static final String ROUTER = "__dbz__";

    private final JsonScanner json = new JsonScanner();
    private final ValueReader values;
    private boolean wrapped;
    private int start;
    private boolean isOpen;
    /** Whether all behind the payload was looked at before it. */
    private boolean isEnded;
    /** Whether the router's column is of the key. */
    private boolean isRouted;

    KeyReader(ValueReader values) {
        this.values = values;
    }

    /** Forgets the record before: its key has nothing of the next one's row. */
    void close() {
        isOpen = false;
    }

    /** Goes to the key's object; false when the key is null. */
    boolean open(byte[] key, Topic topic) {
        isOpen = false;
        isEnded = false;
        isRouted = topic.keepsRouter();
        json.open(key, 0, key.length);
        byte[] prefix = topic.keyPrefix;
        wrapped = prefix.length > 0
                && Arrays.equals(key, 0, Math.min(key.length, prefix.length), prefix, 0, prefix.length);
        if (wrapped) {
            json.position(prefix.length);
        } else if (json.peek() == '{') {
            wrapped = skipKeySchema();
            if (wrapped) {
                topic.keyPrefix = Arrays.copyOf(key, json.position());
            } else {
                json.position(0);
                isEnded = json.payloadBeforeSchema() >= 0;
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
        isOpen = true;
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
        if (!json.nextField(true) || !json.tokenIs(JsonScanner.SCHEMA) || json.peek() != '{' && json.peek() != 'n') {
            return false;
        }
        json.skip();
        return json.nextField(false) && json.tokenIs(JsonScanner.PAYLOAD);
    }

    /** Whether the key has the layout's key columns, in their order. */
    boolean matches(RowLayout layout) {
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

    /** The key's columns. */
    List<String> names() {
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

    /** What the key's own schema block says of its columns; nothing without one. */
    SchemaBlock block(Topic topic) {
        if (!wrapped) {
            return SchemaBlock.none();
        }
        int from = topic.keyPrefix.length;
        isOpen = false;
        json.open(topic.keyPrefix, 0, from);
        json.expect('{');
        json.nextField(true);
        json.peek();
        int at = json.position();
        json.skip();
        return SchemaBlock.of(topic.keyPrefix, at, json.position());
    }

    /** Writes the key as a row of its own and returns its length. */
    int read(RowLayout layout, RowWriter rows) {
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

    /** The same for fields in any order, as headers have them; 0 if one is missing. */
    int readByName(RowLayout layout, RowWriter rows) {
        rows.begin(layout.key.length);
        for (int index = 0; index < layout.key.length; index++) {
            if (find(layout.key[index].name()) == null) {
                rows.abandon();
                return 0;
            }
            value(layout, index, rows);
        }
        return rows.end();
    }

    /** The scanner at the value of a column of the key; null if it has none. */
    @Nullable
    JsonScanner find(String name) {
        if (!isOpen) {
            return null;
        }
        json.position(start);
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            if (json.tokenText().equals(name)) {
                return json;
            }
            json.skip();
        }
        return null;
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
