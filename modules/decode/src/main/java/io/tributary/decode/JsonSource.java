package io.tributary.decode;

import java.nio.charset.StandardCharsets;

/** Reads an envelope's {@code source}, or what the transform left of it in a row, from JSON. */
final class JsonSource {

    private static final byte[] CASSANDRA = name("cassandra");
    private static final byte[] NULL = name("null");

    /** Digits that a long holds, whatever they are. */
    private static final int MOST_DIGITS = 18;

    private SourceBlock block = new SourceBlock(0);
    private final SourceDialects dialects;
    private final boolean tellsOrigins;
    private boolean hasSchema;
    private final TokenRange connector = new TokenRange();
    private final TokenRange server = new TokenRange();
    private final TokenRange database = new TokenRange();

    /** @param tellsOrigins whether tables of one name in two databases or servers are two */
    JsonSource(SourceDialects dialects, boolean tellsOrigins) {
        this.dialects = dialects;
        this.tellsOrigins = tellsOrigins;
    }

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    private void clear() {
        block.clear();
        hasSchema = false;
        connector.clear();
        server.clear();
        database.clear();
    }

    /**
     * @param shape of the source before it on the topic; takes this one's where they differ
     * @param into what it says
     */
    void read(JsonScanner json, JsonSourceShape shape, SourceBlock into) {
        block = into;
        int start = json.position();
        if (shape.gaps() >= 0 && readAs(json, shape)) {
            return;
        }
        json.position(start);
        readFields(json, shape);
    }

    /** Reads a source that differs from the one before it in times and positions alone; else false. */
    private boolean readAs(JsonScanner json, JsonSourceShape shape) {
        byte[] bytes = json.bytes();
        int schemaAt = 0;
        int tableAt = 0;
        for (int i = 0; ; i++) {
            byte[] stretch = shape.stretches[i];
            int at = json.position();
            if (!json.tryText(stretch)) {
                return false;
            }
            schemaAt = shape.schemaStretch == i ? at + shape.schemaOffset : schemaAt;
            tableAt = shape.tableStretch == i ? at + shape.tableOffset : tableAt;
            if (i == shape.gaps()) {
                break;
            }
            if (!readGap(json, bytes, shape.gaps[i], shape.fields[i])) {
                return false;
            }
        }
        // all else is as it was
        block.present = true;
        block.schemaStart = schemaAt;
        block.schemaLength = shape.schemaLength;
        block.tableStart = tableAt;
        block.tableLength = shape.tableLength;
        block.place.snapshot = shape.snapshot;
        block.incremental = shape.incremental;
        block.first = shape.first;
        block.last = shape.last;
        block.documents = shape.documents;
        block.cells = shape.cells;
        block.origin = shape.origin;
        block.dialect = shape.dialect;
        block.place.indexes = shape.indexes;
        block.server = shape.server;
        return true;
    }

    /** Reads a value that may be another in each event: digits, null, or, where a dialect asks for it, text. */
    private boolean readGap(JsonScanner json, byte[] bytes, JsonSourceShape.Gap gap, int field) {
        int from = json.position();
        if (gap == JsonSourceShape.Gap.FIELD && from < json.end() && bytes[from] == '"') {
            json.string();
            field(json, field);
            return true;
        }
        int to = json.digits(from);
        boolean isNull = to == from && json.tryText(NULL);
        to = isNull ? json.position() : to;
        if (to == from || to == json.end() || bytes[to] != ',' && bytes[to] != '}') {
            return false;
        }
        json.position(to);
        if (isNull) {
            return true;
        }
        switch (gap) {
            case MILLIS -> {
                if (to - from > MOST_DIGITS) {
                    return false;
                }
                block.millis = number(bytes, from, to);
            }
            case TRANSACTION -> {
                block.transactionStart = from;
                block.transactionLength = to - from;
            }
            case FIELD -> {
                block.place.starts[field] = from;
                block.place.lengths[field] = to - from;
            }
            case NUMBER -> {}
        }
        return true;
    }

    private static long number(byte[] digits, int from, int to) {
        long number = 0;
        for (int p = from; p < to; p++) {
            number = number * 10 + digits[p] - '0';
        }
        return number;
    }

    /** The scanner's token is what a dialect asks for. */
    private void field(JsonScanner json, int field) {
        block.place.starts[field] = json.tokenStart();
        block.place.lengths[field] = json.tokenLength();
    }

    private void readFields(JsonScanner json, JsonSourceShape shape) {
        clear();
        block.present = true;
        shape.begin(json.position());
        json.expect('{');
        boolean firstField = true;
        while (json.nextField(firstField)) {
            firstField = false;
            readField(json, shape);
        }
        if (tellsOrigins && server.length > 0) {
            block.origin = origin(json.bytes(), shape);
        }
        dialects.choose(text(json.bytes(), connector.start, connector.length), block);
        block.server = text(json.bytes(), server.start, server.length);
        shape.origin = block.origin;
        shape.end(json.bytes(), json.position(), block);
    }

    /** Reads the field whose name is the token. */
    private void readField(JsonScanner json, JsonSourceShape shape) {
        SourceField name = SourceField.of(json);
        int field = name == SourceField.OTHER ? fieldOf(json) : -1;
        boolean isText = json.peek() == '"';
        int at = json.position();
        if (name == SourceField.SNAPSHOT) {
            snapshot(json);
            return;
        }
        if (name == SourceField.TS_MS) {
            block.millis = integer(json);
            gap(json, JsonSourceShape.Gap.MILLIS, at, shape);
            return;
        }
        int next = json.peek();
        json.skip();
        switch (name) {
            case TX_ID -> {
                gap(json, JsonSourceShape.Gap.TRANSACTION, at, shape);
                transaction(json, next);
            }
            case OTHER -> {
                if (field < 0) {
                    gap(json, JsonSourceShape.Gap.NUMBER, at, shape);
                } else if (isText || next == 'n' || next >= '0' && next <= '9') {
                    if (next != 'n') {
                        field(json, field);
                    }
                    shape.field(field, json.bytes(), at, json.position());
                }
            }
            default -> {
                if (isText) {
                    word(json, name, shape);
                }
            }
        }
    }

    private int fieldOf(JsonScanner json) {
        return dialects.indexOf(json.bytes(), json.tokenStart(), json.tokenLength());
    }

    /** Takes a text, which is the scanner's token. */
    private void word(JsonScanner json, SourceField name, JsonSourceShape shape) {
        switch (name) {
            case DB -> {
                database.set(json);
                if (!hasSchema) {
                    schemaToken(json, shape);
                }
            }
            case SCHEMA -> {
                hasSchema = true;
                schemaToken(json, shape);
            }
            case NAME -> server.set(json);
            case CONNECTOR -> {
                connector.set(json);
                block.cells = json.tokenIs(CASSANDRA);
            }
            case TABLE, COLLECTION -> {
                block.documents |= name == SourceField.COLLECTION;
                block.tableStart = json.tokenStart();
                block.tableLength = json.tokenLength();
                shape.tableAt(block.tableStart);
            }
            case TS_MS, SNAPSHOT, TX_ID, OTHER -> throw new IllegalStateException("no text: " + name);
        }
    }

    private String origin(byte[] bytes, JsonSourceShape shape) {
        int length = connector.length + server.length + (hasSchema ? database.length : 0) + 2;
        byte[] all = new byte[length];
        System.arraycopy(bytes, connector.start, all, 0, connector.length);
        System.arraycopy(bytes, server.start, all, connector.length + 1, server.length);
        if (hasSchema) { // else the database is the schema
            System.arraycopy(bytes, database.start, all, length - database.length, database.length);
        }
        String known = shape.told(all);
        if (known != null) {
            return known;
        }
        String one = text(bytes, connector.start, connector.length) + '/' + text(bytes, server.start, server.length);
        return shape.tell(
                all, hasSchema && database.length > 0 ? one + '/' + text(bytes, database.start, database.length) : one);
    }

    /** @param next the first character of the token just read */
    private void transaction(JsonScanner json, int next) {
        if (next != 'n' && next != '{' && next != '[') {
            json.unescape(); // for its check: the lake takes no text that is not UTF-8
            block.transactionStart = json.tokenStart();
            block.transactionLength = json.tokenLength();
        }
    }

    /** Only a value in digits, or null, may be another in the next event: anything else has to be looked at. */
    private static void gap(JsonScanner json, JsonSourceShape.Gap gap, int at, JsonSourceShape shape) {
        byte[] bytes = json.bytes();
        if (bytes[at] == 'n' || bytes[at] >= '0' && bytes[at] <= '9' && json.tokenIsLong()) {
            shape.gap(gap, bytes, at, json.position());
        }
    }

    private void schemaToken(JsonScanner json, JsonSourceShape shape) {
        schemaToken(json);
        shape.schemaAt(block.schemaStart);
    }

    private void schemaToken(JsonScanner json) {
        block.schemaStart = json.tokenStart();
        block.schemaLength = json.tokenLength();
    }

    private static long integer(JsonScanner json) {
        if (json.peek() == '"' || json.peek() == '{' || json.peek() == '[') {
            json.skip();
            return 0;
        }
        json.scalar();
        return json.tokenIsLong() ? json.tokenLong() : 0;
    }

    /** Absent, null and "false" mean a streamed event; true, first, last, incremental and the like a snapshot's. */
    private void snapshot(JsonScanner json) {
        boolean text = json.peek() == '"';
        json.skip();
        String token = json.tokenText();
        block.place.snapshot = text ? !token.equals("false") : token.equals("true");
        block.incremental = token.equals("incremental");
        block.first = token.equals("first") || token.equals("first_in_data_collection");
        block.last = token.equals("last") || token.equals("last_in_data_collection");
    }

    /** Reads what ExtractNewRecordState left of the source among the row's fields at this place. */
    void readFlat(JsonScanner json, int at, SourceBlock into) {
        block = into;
        clear();
        json.position(at);
        json.expect('{');
        boolean firstField = true;
        while (json.nextField(firstField)) {
            firstField = false;
            readFlatField(json);
        }
        dialects.choose(text(json.bytes(), connector.start, connector.length), block);
    }

    /** Reads the field whose name is the token. */
    private void readFlatField(JsonScanner json) {
        String name = json.tokenLength() > 2 && json.bytes()[json.tokenStart()] == '_' ? json.tokenText() : "";
        boolean text = json.peek() == '"';
        switch (name) {
            case "__table", "__source_table" -> {
                json.skip();
                if (text) {
                    block.tableStart = json.tokenStart();
                    block.tableLength = json.tokenLength();
                }
            }
            case "__schema", "__source_schema" -> {
                json.skip();
                if (text) {
                    hasSchema = true;
                    schemaToken(json);
                }
            }
            case "__db", "__source_db" -> {
                json.skip();
                if (text && !hasSchema) {
                    schemaToken(json);
                }
            }
            case "__source_ts_ms" -> block.millis = integer(json);
            case "__ts_ms" -> {
                long processed = integer(json);
                block.millis = block.millis == 0 ? processed : block.millis;
            }
            case "__connector", "__source_connector" -> {
                json.skip();
                if (text) {
                    connector.set(json);
                }
            }
            case "__source_snapshot", "__snapshot" -> snapshot(json);
            case "__source_txId", "__txId" -> {
                int next = json.peek();
                json.skip();
                transaction(json, next);
            }
            case FlatRow.OP -> {
                block.marked = text;
                json.skip();
                block.operation = text && json.tokenLength() == 1 ? json.bytes()[json.tokenStart()] : 0;
            }
            case FlatRow.DELETED -> {
                json.skip();
                block.deleted = json.tokenText().equals("true");
                block.marked |= block.deleted || json.tokenText().equals("false");
            }
            default -> {
                int field = FlatRow.isMetadata(name) ? dialects.indexOf(FlatRow.sourceField(name)) : -1;
                int next = json.peek();
                json.skip();
                if (field >= 0 && (text || next >= '0' && next <= '9')) {
                    field(json, field);
                }
            }
        }
    }

    /** The text of a string's content. */
    static String text(byte[] bytes, int start, int length) {
        if (length == 0) {
            return "";
        }
        JsonScanner json = new JsonScanner();
        json.open(bytes, start - 1, start + length + 1);
        json.string();
        return json.tokenText();
    }
}
