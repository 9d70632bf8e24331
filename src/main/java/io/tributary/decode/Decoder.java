package io.tributary.decode;

import io.tributary.change.Bytes;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Secret;
import io.tributary.change.TableName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads Debezium's change events, as Kafka Connect's JsonConverter writes them, with or without the schema block: envelopes,
 * and rows that ExtractNewRecordState took out of theirs.
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
    /** The headers of the two halves of a changed key. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private static final String NEW_KEY = "__debezium.newkey";
    private static final String[] APICURIO = {"apicurio.value.globalId", "apicurio.value.contentId"};

    /** Bytes of a table's or a column's name; PostgreSQL ends at 63, others at 128 or 256 characters. */
    private static final int LONGEST_NAME = 1000;

    /** The columns of a collection. */
    private static final String DOCUMENT_ID = "id";

    private static final String DOCUMENT = "document";

    /** The table of the dead letters. */
    private static final String OURS = "rejected";

    private static final String TOMBSTONE = "tombstone";
    static final String HEARTBEAT = "heartbeat";
    private static final String TRANSACTION = "transaction";
    private static final String MESSAGE = "message";

    private final DecodeSettings settings;
    private final Placeholders placeholders;
    private final Map<String, Topic> topics = new HashMap<>();
    private final JsonScanner json = new JsonScanner();
    private final Hidden hidden;
    private final Demand demand;
    private final ValueReader values;
    private final KeyReader key;
    private final KeyReader oldKey;
    private final SourceBlock source;
    private final RowWriter rows = new RowWriter();
    private final RowFields fields;

    private Topic topic = new Topic("");
    private Reason reason = Reason.NOT_JSON;
    private String detail = "";
    private String ignored = "";

    /** The layout of the present record, once it is known. */
    private @Nullable RowLayout current;

    private int payloadAt;
    private int beforeAt;
    private int afterAt;
    private int updateAt;
    private int afterStart;
    private int afterLength;
    private boolean afterRead;
    private boolean wrapped;
    /** Whether all behind the payload was looked at before it. */
    private boolean isEnded;

    private boolean hasKey;
    private boolean flat;
    private int operation;
    private boolean sawImage;
    private boolean sawOther;
    private boolean sawStatus;
    private boolean sawMillis;

    public Decoder(DecodeSettings settings) {
        this.settings = settings;
        this.placeholders = new Placeholders(settings.unavailable());
        this.demand = new Demand(settings.limits());
        this.source = new SourceBlock(!settings.mergesSources());
        this.hidden = new Hidden(settings.secret());
        this.values = new ValueReader(hidden);
        this.key = new KeyReader(values);
        this.oldKey = new KeyReader(values);
        this.fields = new RowFields(json, rows, values, key);
    }

    /** Decodes one record; a {@link Outcome#CHANGE} is in {@code event}, without its bucket. */
    public Outcome decode(RawRecord record, Event event) {
        event.clear();
        event.partition = record.partition;
        event.offset = record.offset;
        event.recordMillis = record.timestamp;
        if (!record.topic.equals(topic.name)) {
            topic = topics.computeIfAbsent(record.topic, Topic::new);
            values.topic(topic);
        }
        if (!record.topicId.equals(topic.id) && !record.topicId.isEmpty()) {
            topic = topic.identified(record.topicId);
            topics.put(topic.name, topic);
            values.topic(topic);
        }
        fields.nulled = 0;
        current = null;
        key.close();
        try {
            if (record.replay == RawRecord.REFUSED) {
                throw new DecodeException(
                        Reason.FORGED, "cannot take a record that dead-letters replay of this pipeline did not offer");
            }
            if (record.lost > 0) {
                throw new DecodeException(
                        Reason.GAP,
                        "cannot read offsets %d to %d: Kafka had deleted them before the job came there"
                                .formatted(record.offset - record.lost + 1, record.offset));
            }
            demand.record(record.key == null ? 0 : record.key.length, record.value == null ? 0 : record.value.length);
            return record.value == null ? tombstone(record, event) : value(record, record.value, event);
        } catch (DecodeException e) {
            reason = e.reason();
            detail = e.getMessage() == null ? "" : e.getMessage();
        } finally {
            topic.decimals.count();
        }
        if (reason == Reason.HIDDEN
                || record.key != null && record.key.length > settings.limits().keyBytes()) {
            event.key.clear(); // it may be what was to be hidden, or is too long to keep
            event.schema = null;
        } else {
            keepKey(record, event);
        }
        return Outcome.REJECTED;
    }

    /** A rejected change has its key and schema, if those at least could be read: its row is not what the source has any more. */
    private void keepKey(RawRecord record, Event event) {
        RowLayout layout = current;
        event.key.clear();
        event.schema = null;
        try {
            if (layout == null && record.key != null && key.open(record.key, topic)) {
                // not even its table could be read: it is the topic's, where that has no other
                layout = topic.onlyLayout;
                hasKey = layout != null && key.matches(layout);
                source.clear();
            }
            if (layout == null || !hasKey || layout.key.length == 0) {
                return;
            }
            describe(keyAlone(layout, event), event);
            event.sequenceCommit = source.snapshot ? -1 : source.sequenceCommit;
            event.sequenceEvent = source.snapshot ? -1 : source.sequenceEvent;
        } catch (DecodeException e) {
            event.key.clear(); // nor that
        }
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

    /** How many values of the last record are null because their columns cannot hold them and the table's policy says so. */
    public int nulled() {
        return fields.nulled;
    }

    /** Whether the last record may hold what must not be stored; one whose table is not known may, if any table has such columns. */
    public boolean isPrivate() {
        return current == null
                ? settings.isPrivate()
                : !current.settings.privacy().isEmpty();
    }

    /** Whether rules may reject the last record. */
    boolean isRuled() {
        return current != null && current.settings.ruled();
    }

    /** A keyed hash of bytes that must not be stored; null where there is no secret. */
    public @Nullable String hmac(byte[] bytes) {
        return Secret.isThere(settings.secret()) ? hidden.hash(bytes) : null;
    }

    /** What the account calls the table of the last record, also when that could not be read. */
    public String label() {
        return topic.label;
    }

    /** A checkpoint begins. */
    public void checkpoint() {
        demand.checkpoint();
    }

    /** What must be known of topics after a restart, for {@link #recall}: a word and a topic's name each. */
    public List<String> memory() {
        return topics.values().stream()
                .flatMap(t -> t.memory().stream().map(word -> word + " " + t.name))
                .toList();
    }

    /** Takes over what {@link #memory} gave before a restart. */
    public void recall(String memory) {
        int space = memory.indexOf(' ');
        topics.computeIfAbsent(memory.substring(space + 1), Topic::new).recall(memory.substring(0, space));
    }

    private Outcome ignore(String what) {
        ignored = what;
        return Outcome.IGNORED;
    }

    private Outcome value(RawRecord record, byte[] value, Event event) {
        refuseRegistry(record, value);
        json.open(value, 0, value.length);
        isEnded = false;
        SchemaBlock block = openPayload(value);
        if (json.tryNull()) {
            expectEnd();
            return tombstone(record, event);
        }
        rows.reset();
        payload(block);
        expectEnd();
        if (isEnvelope(block)) {
            if (!Boolean.FALSE.equals(topic.flat)) {
                topic.flat = false;
            }
            return event(record, value, block, event);
        }
        if (sawMillis && !sawOther && !sawStatus && !sawImage && !source.present && operation == 0) {
            return ignore(HEARTBEAT);
        }
        if (sawStatus && sawOther && !source.present && topic.name.endsWith(".transaction")) {
            return ignore(TRANSACTION);
        }
        return row(record, value, block, event);
    }

    private void expectEnd() {
        if (!isEnded) {
            json.expectEnd(wrapped);
        }
    }

    private static void refuseRegistry(RawRecord record, byte[] value) {
        if (value.length > 4 && value[0] == 0) {
            throw new DecodeException(
                    Reason.REGISTRY,
                    "cannot read a schema registry's format: byte 0 and schema id "
                            + Integer.reverseBytes(Bytes.getInt(value, 1))
                            + " (Confluent); use Connect's JsonConverter");
        }
        if (value.length > 0 && value[0] != '{') {
            for (String header : APICURIO) {
                if (record.headers.has(header)) {
                    throw new DecodeException(
                            Reason.REGISTRY,
                            "cannot read a schema registry's format: header " + header
                                    + " (Apicurio); use Connect's JsonConverter");
                }
            }
        }
    }

    /** After a row of its own a null value is the row's delete; after an envelope it only repeats one. */
    private Outcome tombstone(RawRecord record, Event event) {
        source.clear();
        if (!Boolean.TRUE.equals(topic.flat) || record.key == null || !key.open(record.key, topic)) {
            return ignore(TOMBSTONE);
        }
        List<String> names = key.names();
        if (names.isEmpty()) {
            return ignore(TOMBSTONE); // it names no row
        }
        RowLayout layout = topic.lastFlat;
        if (layout == null || !layout.hasKey(names)) {
            SchemaBlock block = key.block(topic);
            TableName table = topic.table;
            RowLayout known = layoutOf(table, key.open(record.key, topic) ? block : SchemaBlock.none());
            layout = withKeyColumns(known, names, false);
        }
        key.open(record.key, topic);
        layout = keyAlone(layout, event);
        topic.label = layout.label;
        event.operation = Operation.DELETE;
        event.tombstone = true;
        event.moved = record.headers.has(NEW_KEY);
        describe(layout, event);
        return Outcome.CHANGE;
    }

    /** Reads the key; returns the layout, or one that holds as text what this cannot. */
    private RowLayout keyAlone(RowLayout layout, Event event) {
        RowLayout fitting = layout;
        while (true) {
            rows.reset();
            try {
                int length = key.read(fitting, rows);
                event.key.set(rows.buffer(), rows.start(), length);
                return fitting;
            } catch (OutOfRangeException e) {
                fitting = fitting.withText(e.column());
            }
        }
    }

    private static void describe(RowLayout layout, Event event) {
        event.schema = layout.schema;
        event.schemaId = layout.schema.id();
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
        boolean any = json.nextField(true);
        boolean payloadFirst = any && json.tokenIs(JsonScanner.PAYLOAD);
        if (any && json.tokenIs(JsonScanner.SCHEMA) && (json.peek() == '{' || json.peek() == 'n')) {
            int from = json.position();
            json.skip();
            int to = json.position();
            if (json.nextField(false) && json.tokenIs(JsonScanner.PAYLOAD)) {
                return blockOf(value, from, to);
            }
        }
        wrapped = false;
        json.position(start);
        int schema = payloadFirst ? json.payloadBeforeSchema() : -1;
        if (schema < 0) {
            return topic.plain;
        }
        int payload = json.position();
        if (schema == 0 && !looksLikeAnEnvelope()) {
            json.position(start); // a row with one column, of JSON
            return topic.plain;
        }
        isEnded = true;
        if (schema == 0) {
            json.position(payload);
            return topic.plain;
        }
        json.position(schema);
        json.skip();
        SchemaBlock block = blockOf(value, schema, json.position());
        json.position(payload);
        return block;
    }

    /** Whether the object at the scanner's place has an operation and a source or an image. */
    private boolean looksLikeAnEnvelope() {
        boolean hasOperation = false;
        boolean hasMore = false;
        EnvelopeField field = null;
        json.expect('{');
        while ((field = EnvelopeField.next(json, field)) != null) {
            hasOperation |= field == EnvelopeField.OP;
            hasMore |= field == EnvelopeField.SOURCE || field == EnvelopeField.AFTER || field == EnvelopeField.BEFORE;
            json.skip();
        }
        return hasOperation && hasMore;
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
    private void payload(SchemaBlock block) {
        RowLayout guess = block.shape() == SchemaBlock.Shape.ROW ? RowLayout.NONE : block.layout;
        beforeAt = -1;
        afterAt = -1;
        updateAt = -1;
        afterRead = false;
        flat = false;
        operation = 0;
        sawImage = false;
        sawOther = false;
        sawStatus = false;
        sawMillis = false;
        source.clear();
        if (json.peek() != '{') {
            json.skip();
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot use a payload that is no object");
        }
        payloadAt = json.position();
        json.expect('{');
        for (EnvelopeField field = EnvelopeField.next(json, null);
                field != null;
                field = EnvelopeField.next(json, field)) {
            switch (field) {
                case OP -> {
                    boolean isOp = json.peek() == '"';
                    json.skip();
                    if (isOp) {
                        operation = json.tokenLength() == 1 ? json.bytes()[json.tokenStart()] : '?';
                    }
                    sawOther |= !isOp;
                }
                case AFTER -> after(guess);
                case BEFORE -> {
                    sawImage |= json.peek() == '{' || json.peek() == 'n';
                    beforeAt = json.peek() == '{' ? json.position() : -1;
                    json.skip();
                }
                case SOURCE -> {
                    if (json.peek() == '{') {
                        source.read(json, topic.source);
                    } else {
                        sawOther = true;
                        json.skip();
                    }
                }
                case TS_MS -> {
                    sawMillis = true;
                    json.skip();
                }
                case STATUS -> {
                    sawStatus = true;
                    json.skip();
                }
                case UPDATE_DESCRIPTION -> {
                    updateAt = json.peek() == '{' ? json.position() : updateAt;
                    sawOther = true;
                    json.skip();
                }
                case TRANSACTION, TS_US, TS_NS, OTHER -> {
                    sawOther = true;
                    json.skip();
                }
            }
        }
    }

    private void after(RowLayout guess) {
        if (json.peek() != '{') {
            sawImage |= json.peek() == 'n';
            afterAt = json.peek() == '"' ? json.position() : -1; // a document is text
            json.skip();
            return;
        }
        sawImage = true;
        afterAt = json.position();
        afterRead = guess != RowLayout.NONE && fields.tryRead(guess, placeholders);
        if (afterRead) {
            afterStart = rows.start();
            afterLength = rows.end();
        } else {
            json.position(afterAt);
            json.skip();
        }
    }

    /** Columns may be called op, before and source as well: an envelope has its operation and a source or an image. */
    private boolean isEnvelope(SchemaBlock block) {
        return switch (block.shape()) {
            case ENVELOPE -> operation != 0;
            case ROW -> false;
            case ANY -> operation != 0 && (source.present || sawImage && !Boolean.TRUE.equals(topic.flat));
        };
    }

    private Outcome event(RawRecord record, byte[] value, SchemaBlock block, Event event) {
        if (operation == 'm') {
            return ignore(MESSAGE);
        }
        if (source.cells) {
            throw new DecodeException(
                    Reason.FOREIGN,
                    "cannot use an event of Debezium's connector for Cassandra: its rows are of cells, and null says that one did not change");
        }
        event.operation = operationOf(operation);
        if (source.present && source.tableLength == 0) {
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot tell the table: no 'source.table'");
        }
        if (source.documents) {
            document(record, value, event);
            return Outcome.CHANGE;
        }
        boolean object = afterAt >= 0 && value[afterAt] == '{';
        if (event.operation != Operation.DELETE && event.operation != Operation.TRUNCATE && !object) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE,
                    "cannot use an event of operation '" + (char) operation + "' without 'after'");
        }
        complete(record, value, block, event);
        return Outcome.CHANGE;
    }

    /** MongoDB's documents: the key's id beside the document as Extended JSON, or what changed in it. */
    private void document(RawRecord record, byte[] value, Event event) {
        source.readNames(value);
        TableName table = new TableName(source.schema, source.table);
        RowLayout layout = topic.documents.layout(table, source.origin);
        if (layout == null) {
            refuseForged(table);
            demand.table(table);
            layout = RowLayout.of(topic, table, source.origin, topic.documents, settingsOf(table), topic.textsOf(table))
                    .withColumns(List.of(
                            LayoutColumn.untyped(DOCUMENT_ID), new LayoutColumn(DOCUMENT, ColumnType.JSON, Form.TEXT)))
                    .withKey(List.of(DOCUMENT_ID));
            topic.documents.use(layout);
        }
        topic.label = layout.label;
        current = layout;
        topic.requireHidden(layout);
        hasKey = record.key != null && key.open(record.key, topic);
        if (!hasKey || !key.matches(layout)) {
            throw new DecodeException(Reason.KEY, "cannot use a document's key that is not its 'id'");
        }
        int keyLength = key.read(layout, rows);
        event.key.set(rows.buffer(), rows.start(), keyLength);
        if (event.operation != Operation.DELETE && event.operation != Operation.TRUNCATE) {
            afterDocument(layout, event);
        }
        if (event.operation == Operation.TRUNCATE) {
            event.key.clear();
        }
        demand.row(layout);
        place(value, layout, event);
    }

    private void afterDocument(RowLayout layout, Event event) {
        if (afterAt < 0 && updateAt < 0) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE, "cannot use a document's event without 'after' and 'updateDescription'");
        }
        RowReader id = new RowReader();
        id.open(layout.schema.keyTypes(), event.key.bytes(), event.key.offset());
        rows.begin(2);
        if (id.next()) {
            rows.copy(id, ColumnType.ANY);
        } else {
            rows.writeNull(0);
        }
        if (afterAt >= 0) {
            json.position(afterAt);
            values.read(json, layout.columns[1], 1, null, rows);
        } else {
            rows.writeUnsent(1);
            json.position(updateAt);
            json.skip();
            event.patch.set(json.bytes(), updateAt, json.position() - updateAt);
        }
        int length = rows.end();
        event.after.set(rows.buffer(), rows.start(), length);
    }

    /** A row without an envelope: what the transform put beside its columns, as far as it did. */
    private Outcome row(RawRecord record, byte[] value, SchemaBlock block, Event event) {
        source.readFlat(json, payloadAt);
        boolean known = topic.hasRows || block.shape() == SchemaBlock.Shape.ROW || source.marked;
        if (block.shape() == SchemaBlock.Shape.ENVELOPE || !known && Boolean.FALSE.equals(topic.flat)) {
            throw new DecodeException(Reason.NOT_AN_ENVELOPE, "cannot find the envelope's 'op'");
        }
        flat = true;
        afterRead = false;
        afterAt = payloadAt;
        beforeAt = -1;
        operation = source.deleted ? 'd' : source.operation == 0 ? 'c' : source.operation;
        event.operation = operationOf(operation);
        if (event.operation == Operation.DELETE) {
            beforeAt = payloadAt;
        } else if (event.operation == Operation.TRUNCATE) {
            throw new DecodeException(Reason.OPERATION, "cannot use a truncate without an envelope");
        }
        complete(record, value, block, event);
        topic.flat = true;
        topic.hasRows = true;
        return Outcome.CHANGE;
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

    private void complete(RawRecord record, byte[] value, SchemaBlock block, Event event) {
        if (source.schemaLength + source.tableLength > LONGEST_NAME) {
            throw new DecodeException(
                    Reason.NOT_AN_ENVELOPE, "cannot take a table's name of more than " + LONGEST_NAME + " bytes");
        }
        RowLayout usual = layoutFor(record, value, block);
        RowLayout layout = usual;
        current = layout;
        topic.requireHidden(layout);
        while (true) {
            try {
                image(record, layout, event);
                break;
            } catch (OutOfRangeException e) {
                layout = asText(layout, e.column(), block);
                fields.nulled = 0;
            }
        }
        demand.row(layout);
        topic.has(layout);
        place(value, layout, event);
        if (flat) {
            // a key that only text holds is one of its own
            topic.lastFlat = Arrays.equals(layout.schema.keyTypes(), usual.schema.keyTypes()) ? layout : usual;
        }
    }

    /** What the source says of the change beside its row. */
    private void place(byte[] value, RowLayout layout, Event event) {
        describe(layout, event);
        event.sourceMillis = source.millis;
        event.snapshot = source.snapshot
                && !source.incremental
                && (event.operation == Operation.READ || event.operation == Operation.CREATE);
        event.first = event.snapshot && source.first;
        event.last = event.snapshot && source.last;
        if (!source.snapshot && event.operation != Operation.READ) {
            event.sequenceCommit = source.sequenceCommit;
            event.sequenceEvent = source.sequenceEvent;
        }
        if (source.transactionLength >= 0) {
            event.transaction.set(value, source.transactionStart, source.transactionLength);
        }
    }

    /** From here on the column is text; but a key's column for this key alone, which else would not find its row. */
    private RowLayout asText(RowLayout layout, int column, SchemaBlock block) {
        RowLayout text = layout.withText(column);
        afterRead = false;
        rows.reset();
        if (!layout.isKey(column)) {
            topic.textsOf(layout.schema.table()).add(layout.columns[column].name());
            block.use(text);
        }
        return text;
    }

    /** The layout of the event's table, with its key written to {@link #rows} where the record has one. */
    private RowLayout layoutFor(RawRecord record, byte[] value, SchemaBlock block) {
        boolean named = source.tableLength > 0 && !(flat && topic.isTable(value, source));
        RowLayout layout = named ? block.layout : ofTopic(block);
        if (named && !layout.isOf(value, source)) {
            source.readNames(value);
            String schema = flat && source.schema.isEmpty() ? topic.table.schema() : source.schema;
            layout = layoutOf(new TableName(schema, source.table), block);
            afterRead = false;
        }
        topic.label = layout.label;
        if (flat && !source.marked && block != topic.plain) {
            refuseForeign(block.foreign());
        }
        if (block == topic.plain) {
            layout = afterRead ? layout : withColumnsOf(afterAt, layout);
            layout = operation == 'd' ? withColumnsOf(beforeAt, layout) : layout;
        }
        layout = withKey(record, layout, block != topic.plain);
        if (layout != block.layout) {
            block.use(layout);
        }
        return layout;
    }

    private RowLayout ofTopic(SchemaBlock block) {
        RowLayout last = block.layout;
        if (last.schema.table().equals(topic.table) && last != RowLayout.NONE) {
            return last;
        }
        afterRead = false;
        return layoutOf(topic.table, block);
    }

    private RowLayout layoutOf(TableName table, SchemaBlock block) {
        RowLayout layout = block.layout(table, source.origin);
        if (layout == null) {
            refuseForged(table);
            demand.table(table);
        }
        return layout != null
                ? layout
                : RowLayout.of(topic, table, source.origin, block, settingsOf(table), topic.textsOf(table));
    }

    /** Without a schema block a row may bring columns that no earlier one had. */
    private RowLayout withColumnsOf(int rowAt, RowLayout layout) {
        if (rowAt < 0) {
            return layout;
        }
        List<String> names = fields.unknown(layout, rowAt, flat);
        if (names.isEmpty()) {
            return layout;
        }
        if (flat && !source.marked) {
            refuseForeign(Foreign.of(fields.names(rowAt)));
        }
        afterRead = false;
        return layout.withColumns(names.stream()
                .map(name -> plainColumn(layout, name, names.size()))
                .toList());
    }

    private LayoutColumn plainColumn(RowLayout layout, String name, int more) {
        if (name.length() > LONGEST_NAME) {
            throw new DecodeException(Reason.SCHEMA, "cannot take a column's name of " + name.length() + " characters");
        }
        if (layout.columns.length + more > settings.limits().columns()) {
            throw new DecodeException(
                    Reason.LIMIT,
                    "cannot take a table of more columns: 'limits.columns' is "
                            + settings.limits().columns());
        }
        String type = layout.settings.types().get(name);
        return type == null ? LayoutColumn.untyped(name) : TypeHint.column(name, type);
    }

    private static void refuseForeign(String what) {
        if (!what.isEmpty()) {
            throw new DecodeException(Reason.FOREIGN, "cannot use what is no change event: these are " + what);
        }
    }

    /** What a table's folder, settings and metrics are called by, {@code schema.table}, is no other's, nor one of ours. */
    private static void refuseForged(TableName table) {
        boolean isOurs = table.toString().equals(OURS);
        boolean isAmbiguous = table.schema().indexOf('.') >= 0
                || table.schema().isEmpty() && table.table().indexOf('.') >= 0;
        if (isOurs || isAmbiguous) {
            throw new DecodeException(
                    Reason.FORGED,
                    "cannot take the table " + DecodeException.shown(table.table()) + " of the schema "
                            + DecodeException.shown(table.schema())
                            + (isOurs ? ": it is called as the dead letters" : ": another may have the name " + table));
        }
    }

    private TableSettings settingsOf(TableName table) {
        return settings.of(table.toString());
    }

    private RowLayout withKey(RawRecord record, RowLayout layout, boolean wrapped) {
        hasKey = false;
        if (operation == 't') {
            return layout;
        }
        if (record.key == null || !key.open(record.key, topic)) {
            return withKeyColumns(layout, layout.settings.key(), wrapped);
        }
        hasKey = true;
        if (layout.key.length > 0 && key.matches(layout)) {
            return layout;
        }
        List<String> names = key.names();
        if (names.isEmpty()) {
            throw new DecodeException(Reason.KEY, "cannot use a key without columns");
        }
        List<String> beside =
                names.stream().filter(name -> layout.indexOf(name) < 0).toList();
        List<String> earlier = layout.key.length > 0 ? layout.keyNames() : layout.settings.key();
        if (wrapped && !beside.isEmpty() && !earlier.isEmpty()) {
            // after a fast change of the table, an event may carry the key that comes later
            hasKey = false;
            return withKeyColumns(layout, earlier, true);
        }
        names.forEach(name -> refuseDropped(layout, name));
        RowLayout whole = beside.isEmpty() ? layout : withBeside(record.key, layout, beside, wrapped);
        if (!flat && names.stream().allMatch(name -> name.startsWith(KeyReader.ROUTER))) {
            hasKey = false; // a router's word for a table without key
            return whole;
        }
        return whole.withKey(names);
    }

    /** With columns that stand in the key alone: the key of a row without its key's columns, or a router's word for the shard. */
    private RowLayout withBeside(byte[] keyBytes, RowLayout layout, List<String> names, boolean wrapped) {
        Map<String, LayoutColumn> typed = new HashMap<>();
        if (wrapped) {
            key.block(topic).columns().forEach(column -> typed.put(column.name(), column));
            key.open(keyBytes, topic);
        }
        afterRead = false;
        return layout.withColumns(names.stream()
                .map(name -> typed.getOrDefault(name, plainColumn(layout, name, names.size()))
                        .besideTheRow())
                .toList());
    }

    private static void refuseDropped(RowLayout layout, String name) {
        if (layout.settings.privacy().get(name) == Privacy.DROP) {
            throw new DecodeException(
                    Reason.KEY, "cannot drop the column " + DecodeException.shown(name) + ": it is of the key");
        }
    }

    private RowLayout withKeyColumns(RowLayout layout, List<String> names, boolean wrapped) {
        List<LayoutColumn> missing = new ArrayList<>();
        for (String name : names) {
            refuseDropped(layout, name);
            if (layout.indexOf(name) < 0) {
                if (wrapped) {
                    throw new DecodeException(
                            Reason.KEY, "cannot find the key's column " + DecodeException.shown(name) + " in the row");
                }
                missing.add(plainColumn(layout, name, names.size()));
            }
        }
        if (missing.isEmpty()) {
            return layout.withKey(names);
        }
        afterRead = false;
        return layout.withColumns(missing).withKey(names);
    }

    /** Sets the change's rows: after, before where it is needed, and the key. */
    private void image(RawRecord record, RowLayout layout, Event event) {
        if (event.operation == Operation.TRUNCATE) {
            return;
        }
        boolean delete = event.operation == Operation.DELETE;
        event.moved = delete && record.headers.has(NEW_KEY);
        if (!delete) {
            after(record, layout, event);
        }
        // both halves of a changed key have one place
        topic.lastDelete = delete ? source.sequenceEvent : -1;
        if (event.operation == Operation.UPDATE && !hasKey && layout.key.length == 0 && beforeAt < 0) {
            throw new DecodeException(Reason.KEY, "cannot tell the row of an update without key and 'before'");
        }
        // a delete's before may be fabricated except for the key; an update's is needed where there is no key
        int beforeStart = -1;
        int beforeLength = -1;
        if (beforeAt >= 0 && (delete || layout.key.length == 0)) {
            beforeLength = fields.read(layout, beforeAt, null, flat);
            beforeStart = rows.start();
        }
        if (layout.key.length > 0) {
            key(record, layout, delete ? beforeStart : afterStart, event);
        }
        // the buffer may have been replaced by a larger one
        if (event.oldKey.isPresent()) {
            event.oldKey.set(rows.buffer(), event.oldKey.offset(), event.oldKey.length());
            event.key.set(rows.buffer(), event.key.offset(), event.key.length());
        }
        if (!delete) {
            event.after.set(rows.buffer(), afterStart, afterLength);
        }
        if (beforeStart >= 0) {
            event.before.set(rows.buffer(), beforeStart, beforeLength);
        }
    }

    private void after(RawRecord record, RowLayout layout, Event event) {
        boolean update = event.operation == Operation.UPDATE;
        if (afterRead && (update || !fields.hasUnsent(layout, afterStart)) && !(update && beforeAt >= 0)) {
            return;
        }
        // a user may store the placeholder's text; the create of a changed key leaves values out as an update does
        boolean mayBeUnsent = update
                || flat && source.operation == 0
                || record.headers.has(OLD_KEY)
                || source.sequenceEvent >= 0 && source.sequenceEvent == topic.lastDelete;
        if (!afterRead || !mayBeUnsent) {
            afterLength = fields.read(layout, afterAt, mayBeUnsent ? placeholders : null, flat);
            afterStart = rows.start();
        }
        // who has the row before sends the row after whole, but for what neither has
        if (update && beforeAt >= 0 && fields.hasUnsent(layout, afterStart)) {
            int length = fields.readSent(layout, afterStart, afterAt, beforeAt, placeholders, flat);
            if (length >= 0) {
                afterLength = length;
                afterStart = rows.start();
            }
        }
        afterRead = true;
    }

    private void key(RawRecord record, RowLayout layout, int row, Event event) {
        int length;
        if (hasKey) {
            length = key.read(layout, rows);
        } else {
            if (row < 0) {
                throw new DecodeException(Reason.KEY, "cannot tell the row of a delete without key and 'before'");
            }
            length = fields.keyOf(layout, row);
        }
        event.key.set(rows.buffer(), rows.start(), length);
        byte[] old = event.operation == Operation.CREATE ? record.headers.value(OLD_KEY) : null;
        if (old != null) {
            oldKey(old, layout, event);
        }
    }

    /** A header in a form that is none of Connect's two is left alone: the create then stands for itself. */
    private void oldKey(byte[] header, RowLayout layout, Event event) {
        try {
            if (header.length > 0 && oldKey.open(header, new Topic(""))) {
                int length = oldKey.readByName(layout, rows);
                if (length > 0) {
                    event.oldKey.set(rows.buffer(), rows.start(), length);
                }
            }
        } catch (DecodeException e) {
            rows.abandon();
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
