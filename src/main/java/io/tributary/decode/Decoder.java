package io.tributary.decode;

import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads Debezium's change events, as Kafka Connect's JsonConverter writes them, with or without the schema block.
 *
 * <p>The row is read in the pass that reads the envelope, on the guess that the event is of the same table as the one
 * before it on its topic; where the guess fails, the row is read again. Not thread-safe; the change it fills lives until
 * the next call.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-events">the
 *     envelope</a>
 */
public final class Decoder {
    private static final byte[] SCHEMA_FIRST = ascii("{\"schema\":");
    private static final byte[] PAYLOAD_NEXT = ascii(",\"payload\":");
    private static final byte[] SCHEMA = ascii("schema");
    private static final byte[] PAYLOAD = ascii("payload");
    private static final byte[] BEFORE = ascii("before");
    private static final byte[] AFTER = ascii("after");
    private static final byte[] SOURCE = ascii("source");
    private static final byte[] OP = ascii("op");
    private static final byte[] TS_MS = ascii("ts_ms");
    private static final byte[] STATUS = ascii("status");
    /** The header that the create half of a changed key carries. */
    private static final String OLD_KEY = "__debezium.oldkey";

    /** Bytes of a table's or a column's name; PostgreSQL ends at 63, others at 128 or 256 characters. */
    private static final int LONGEST_NAME = 1000;

    private static final String TOMBSTONE = "tombstone";
    private static final String HEARTBEAT = "heartbeat";
    private static final String TRANSACTION = "transaction";
    private static final String MESSAGE = "message";

    private final Map<String, TableSettings> settings;
    private final Map<String, Topic> topics = new HashMap<>();
    private final JsonScanner json = new JsonScanner();
    private final KeyReader key = new KeyReader();
    private final SourceBlock source = new SourceBlock();
    private final RowWriter rows = new RowWriter();
    private final RowFields fields = new RowFields(json, rows);

    private Topic topic = new Topic("");
    private Reason reason = Reason.NOT_JSON;
    private String detail = "";
    private String ignored = "";

    private int beforeAt;
    private int afterAt;
    private int afterStart;
    private int afterLength;
    private boolean afterRead;
    private boolean wrapped;
    private boolean hasKey;
    private int operation;
    private boolean sawOther;
    private boolean sawStatus;
    private boolean sawMillis;

    /** @param settings what the pipeline file says of tables, by {@link TableName#toString() name} */
    public Decoder(Map<String, TableSettings> settings) {
        this.settings = Map.copyOf(settings);
    }

    /** Decodes one record; a {@link Outcome#CHANGE} is in {@code change}, without its bucket. */
    public Outcome decode(RawRecord record, Change change) {
        change.clear();
        change.partition = record.partition;
        change.offset = record.offset;
        change.recordMillis = record.timestamp;
        if (!record.topic.equals(topic.name)) {
            topic = topics.computeIfAbsent(record.topic, Topic::new);
        }
        if (record.value == null) {
            return ignore(TOMBSTONE);
        }
        try {
            return envelope(record, record.value, change);
        } catch (DecodeException e) {
            reason = e.reason();
            detail = e.getMessage() == null ? "" : e.getMessage();
        }
        return Outcome.REJECTED;
    }

    /** Why the last record was {@link Outcome#REJECTED}. */
    public Reason reason() {
        return reason;
    }

    public String detail() {
        return detail;
    }

    /** What the last record was, when it was {@link Outcome#IGNORED}: tombstone, heartbeat, transaction or message. */
    public String ignored() {
        return ignored;
    }

    /** What the account calls the table of the last record, also when that could not be read. */
    public String label() {
        return topic.label;
    }

    private Outcome ignore(String what) {
        ignored = what;
        return Outcome.IGNORED;
    }

    private Outcome envelope(RawRecord record, byte[] value, Change change) {
        json.open(value, 0, value.length);
        SchemaBlock block = openPayload(value);
        boolean tombstone = json.tryNull();
        if (!tombstone) {
            rows.reset();
            payload(block.layout);
        }
        json.expectEnd(wrapped);
        if (tombstone) {
            return ignore(TOMBSTONE);
        }
        if (operation == 0) {
            return withoutOperation();
        }
        if (operation == 'm') {
            return ignore(MESSAGE);
        }
        change.operation = operationOf(operation);
        if (!source.present || source.tableLength == 0) {
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot tell the table: no 'source.table'");
        }
        if (source.schemaLength + source.tableLength > LONGEST_NAME) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE, "cannot take a table's name of more than " + LONGEST_NAME + " bytes");
        }
        RowLayout layout = layoutFor(record, value, block);
        image(record, layout, change);
        change.schema = layout.schema;
        change.schemaId = layout.schema.id();
        change.sourceMillis = source.millis;
        change.snapshot = source.snapshot && !source.incremental;
        if (!source.snapshot && change.operation != Operation.READ) {
            change.sequenceCommit = source.sequenceCommit;
            change.sequenceEvent = source.sequenceEvent;
        }
        if (source.transactionLength >= 0) {
            change.transaction.set(value, source.transactionStart, source.transactionLength);
        }
        return Outcome.CHANGE;
    }

    /** Goes to the payload; gives the schema block in front of it, or the one that stands for having none. */
    private SchemaBlock openPayload(byte[] value) {
        wrapped = true;
        int at = SCHEMA_FIRST.length;
        if (startsWith(value, 0, SCHEMA_FIRST)) {
            SchemaBlock known = topic.knownBlock(value, at);
            if (known != topic.plain && startsWith(value, at + known.length(), PAYLOAD_NEXT)) {
                json.position(at + known.length() + PAYLOAD_NEXT.length);
                return known;
            }
        }
        if (json.peek() == 'n') {
            wrapped = false;
            return topic.plain;
        }
        if (json.peek() != '{') {
            json.skip();
            json.expectEnd();
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot use a value that is no object");
        }
        int start = json.position();
        json.expect('{');
        if (json.nextField(true) && json.tokenIs(SCHEMA)) {
            json.peek();
            int from = json.position();
            json.skip();
            int to = json.position();
            if (json.nextField(false) && json.tokenIs(PAYLOAD)) {
                return blockOf(value, from, to);
            }
        }
        wrapped = false;
        json.position(start);
        return topic.plain;
    }

    private SchemaBlock blockOf(byte[] value, int from, int to) {
        if (value[from] == 'n') {
            return topic.plain; // the converter writes null where it knows no schema
        }
        SchemaBlock block = topic.knownBlock(value, from);
        if (block.length() != to - from) {
            block = SchemaBlock.of(value, from, to);
            topic.add(block);
        }
        return block;
    }

    /** Reads the envelope's fields, and {@code after} with them if it has the guessed layout. */
    private void payload(RowLayout guess) {
        beforeAt = -1;
        afterAt = -1;
        afterRead = false;
        operation = 0;
        sawOther = false;
        sawStatus = false;
        sawMillis = false;
        source.clear();
        if (json.peek() != '{') {
            json.skip();
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot use a payload that is no object");
        }
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            switch (json.tokenLength()) {
                case 2 -> {
                    boolean isOp = json.tokenIs(OP);
                    json.skip();
                    if (isOp) {
                        operation = json.tokenLength() == 1 ? json.bytes()[json.tokenStart()] : '?';
                    }
                }
                case 5 -> {
                    if (json.tokenIs(AFTER)) {
                        after(guess);
                    } else {
                        sawMillis |= json.tokenIs(TS_MS);
                        sawOther |= !json.tokenIs(TS_MS);
                        json.skip();
                    }
                }
                case 6 -> {
                    if (json.tokenIs(SOURCE) && json.peek() == '{') {
                        source.read(json);
                    } else if (json.tokenIs(BEFORE)) {
                        beforeAt = json.peek() == '{' ? json.position() : -1;
                        json.skip();
                    } else {
                        sawStatus |= json.tokenIs(STATUS);
                        sawOther |= !json.tokenIs(STATUS);
                        json.skip();
                    }
                }
                default -> {
                    sawOther = true;
                    json.skip();
                }
            }
        }
    }

    private void after(RowLayout guess) {
        if (json.peek() != '{') {
            json.skip();
            return;
        }
        afterAt = json.position();
        afterRead = guess != RowLayout.NONE && fields.tryRead(guess);
        if (afterRead) {
            afterStart = rows.start();
            afterLength = rows.end();
        } else {
            json.position(afterAt);
            json.skip();
        }
    }

    private Outcome withoutOperation() {
        if (sawMillis && !sawOther && !sawStatus && afterAt < 0 && !source.present) {
            return ignore(HEARTBEAT);
        }
        if (sawStatus && sawOther && afterAt < 0 && !source.present && topic.name.endsWith(".transaction")) {
            return ignore(TRANSACTION);
        }
        throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot find the envelope's 'op'");
    }

    private static Operation operationOf(int letter) {
        return switch (letter) {
            case 'r' -> Operation.READ;
            case 'c' -> Operation.CREATE;
            case 'u' -> Operation.UPDATE;
            case 'd' -> Operation.DELETE;
            case 't' -> Operation.TRUNCATE;
            default ->
                throw new DecodeException(
                        Reason.OPERATION,
                        "cannot use the operation '" + (char) letter + "': it is none of c r u d t m");
        };
    }

    /** The layout of the event's table, with its key written to {@link #rows} where the record has one. */
    private RowLayout layoutFor(RawRecord record, byte[] value, SchemaBlock block) {
        boolean wrapped = block != topic.plain;
        RowLayout layout = block.layout;
        if (!layout.isOf(value, source)) {
            source.readNames(value);
            TableName table = new TableName(source.schema, source.table);
            layout = block.layouts.get(table);
            if (layout == null) {
                layout = new RowLayout(topic.name, table, block.columns(), List.of());
            }
            afterRead = false;
        }
        topic.label = layout.label;
        if (!wrapped) {
            layout = afterRead ? layout : withColumnsOf(afterAt, layout);
            layout = operation == 'd' ? withColumnsOf(beforeAt, layout) : layout;
        }
        layout = withKey(record, layout, wrapped);
        if (layout != block.layout) {
            block.use(layout);
        }
        return layout;
    }

    /** Without a schema block a row may bring columns that no earlier one had. */
    private RowLayout withColumnsOf(int rowAt, RowLayout layout) {
        if (rowAt < 0) {
            return layout;
        }
        List<LayoutColumn> columns = new ArrayList<>(layout.columnList());
        json.position(rowAt);
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            String name = json.tokenText();
            if (layout.indexOf(name) < 0) {
                columns.add(plainColumn(layout.schema.table(), name));
            }
            json.skip();
        }
        if (columns.size() == layout.columns.length) {
            return layout;
        }
        afterRead = false;
        return new RowLayout(topic.name, layout.schema.table(), columns, layout.schema.key());
    }

    private LayoutColumn plainColumn(TableName table, String name) {
        if (name.length() > LONGEST_NAME) {
            throw new DecodeException(Reason.SCHEMA, "cannot take a column's name of " + name.length() + " characters");
        }
        String type = settingsOf(table).types().get(name);
        return type == null ? LayoutColumn.untyped(name) : LayoutColumn.configured(name, ColumnType.parse(type));
    }

    private TableSettings settingsOf(TableName table) {
        return settings.getOrDefault(table.toString(), TableSettings.NONE);
    }

    private RowLayout withKey(RawRecord record, RowLayout layout, boolean wrapped) {
        hasKey = false;
        if (operation == 't') {
            return layout;
        }
        List<String> names;
        if (record.key != null && key.open(record.key, topic)) {
            hasKey = true;
            if (layout.key.length > 0 && key.matches(layout)) {
                return layout;
            }
            names = key.names();
        } else {
            names = settingsOf(layout.schema.table()).key();
        }
        return withKeyColumns(layout, names, wrapped);
    }

    private RowLayout withKeyColumns(RowLayout layout, List<String> names, boolean wrapped) {
        List<LayoutColumn> columns = new ArrayList<>(layout.columnList());
        List<Integer> indexes = new ArrayList<>();
        for (String name : names) {
            int index = layout.indexOf(name);
            if (index < 0 && wrapped) {
                throw new DecodeException(
                        Reason.KEY, "cannot find the key's column " + DecodeException.shown(name) + " in the row");
            }
            if (index < 0) {
                index = columns.size();
                columns.add(plainColumn(layout.schema.table(), name));
                afterRead = false;
            }
            indexes.add(index);
        }
        if (indexes.equals(layout.schema.key()) && columns.size() == layout.columns.length) {
            return layout;
        }
        return new RowLayout(topic.name, layout.schema.table(), columns, indexes);
    }

    /** Sets the change's rows: after, before where it is needed, and the key. */
    private void image(RawRecord record, RowLayout layout, Change change) {
        if (change.operation == Operation.TRUNCATE) {
            return;
        }
        boolean update = change.operation == Operation.UPDATE;
        boolean delete = change.operation == Operation.DELETE;
        if (!delete && afterAt < 0) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE,
                    "cannot use an event of operation '" + (char) operation + "' without 'after'");
        }
        if (!delete && (!afterRead || !update && fields.hasUnsent(layout, afterStart))) {
            // a user may store the placeholder's text; the create of a changed key leaves values out as an update does
            boolean mayBeUnsent = update || record.headers.has(OLD_KEY);
            afterLength = fields.read(layout, afterAt, mayBeUnsent);
            afterStart = rows.start();
        }
        // a delete's before may be fabricated except for the key; an update's is needed where there is no key
        int beforeStart = -1;
        int beforeLength = -1;
        if (beforeAt >= 0 && (delete || layout.key.length == 0)) {
            beforeLength = fields.read(layout, beforeAt, false);
            beforeStart = rows.start();
        }
        if (layout.key.length > 0) {
            int length;
            if (hasKey) {
                length = key.read(layout, rows);
            } else {
                int row = delete ? beforeStart : afterStart;
                if (row < 0) {
                    throw new DecodeException(Reason.KEY, "cannot tell the row of a delete without key and 'before'");
                }
                length = fields.keyOf(layout, row);
            }
            change.key.set(rows.buffer(), rows.start(), length);
        }
        if (!delete) {
            change.after.set(rows.buffer(), afterStart, afterLength);
        }
        if (beforeStart >= 0) {
            change.before.set(rows.buffer(), beforeStart, beforeLength);
            change.beforeSchema = layout.schema;
        }
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] prefix) {
        return from + prefix.length <= bytes.length
                && Arrays.equals(bytes, from, from + prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
