package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads an envelope's {@code source}, or what the transform left of it in a row, from JSON. */
final class JsonSource {
    private static final byte[] TS_MS = name("ts_ms");
    private static final byte[] SNAPSHOT = name("snapshot");
    private static final byte[] SEQUENCE = name("sequence");
    private static final byte[] SCHEMA = name("schema");
    private static final byte[] TABLE = name("table");
    private static final byte[] TX_ID = name("txId");
    private static final byte[] DB = name("db");
    private static final byte[] LSN = name("lsn");
    private static final byte[] XMIN = name("xmin");
    private static final byte[] TS_US = name("ts_us");
    private static final byte[] TS_NS = name("ts_ns");
    private static final byte[] COLLECTION = name("collection");
    private static final byte[] NAME = name("name");
    private static final byte[] CASSANDRA = name("cassandra");
    private static final byte[] CONNECTOR = name("connector");

    private static final Pattern POSITIONS = Pattern.compile("\\[ *(null|[0-9]+) *, *(null|[0-9]+) *]");
    private static final byte[] SEQUENCE_START = name("\"[\\\"");
    private static final byte[] SEQUENCE_BETWEEN = name("\\\",\\\"");
    private static final byte[] SEQUENCE_END = name("\\\"]\"");

    /** Digits that a long holds, whatever they are. */
    private static final int MOST_DIGITS = 18;

    private SourceBlock block = new SourceBlock();
    private final boolean tellsOrigins;
    private boolean hasSchema;
    private final Range connector = new Range();
    private final Range server = new Range();
    private final Range database = new Range();

    /** A part of the event's bytes. */
    private static final class Range {
        int start;
        int length;

        void clear() {
            start = 0;
            length = 0;
        }

        void set(JsonScanner json) {
            start = json.tokenStart();
            length = json.tokenLength();
        }
    }

    /** @param tellsOrigins whether tables of one name in two databases or servers are two */
    JsonSource(boolean tellsOrigins) {
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
        int end = json.end();
        int p = json.position();
        long newMillis = 0;
        int newTransaction = -1;
        int newTransactionLength = -1;
        long commit = -1;
        long event = -1;
        int schemaAt = 0;
        int tableAt = 0;
        for (int i = 0; ; i++) {
            byte[] stretch = shape.stretches[i];
            if (p + stretch.length > end || !Arrays.equals(bytes, p, p + stretch.length, stretch, 0, stretch.length)) {
                return false;
            }
            schemaAt = shape.schemaStretch == i ? p + shape.schemaOffset : schemaAt;
            tableAt = shape.tableStretch == i ? p + shape.tableOffset : tableAt;
            p += stretch.length;
            if (i == shape.gaps()) {
                break;
            }
            JsonSourceShape.Gap gap = shape.gaps[i];
            if (gap == JsonSourceShape.Gap.SEQUENCE) {
                if (p >= end || bytes[p] != '"') {
                    return false;
                }
                json.position(p);
                if (!plainSequence(json)) {
                    json.position(p);
                    json.string();
                    sequence(json);
                }
                commit = block.sequenceCommit;
                event = block.sequenceEvent;
                p = json.position();
                continue;
            }
            int from = p;
            p = json.digits(p);
            long number = gap == JsonSourceShape.Gap.MILLIS ? number(bytes, from, p) : 0;
            boolean isNull = p == from
                    && p + 4 <= end
                    && bytes[p] == 'n'
                    && bytes[p + 1] == 'u'
                    && bytes[p + 2] == 'l'
                    && bytes[p + 3] == 'l';
            p += isNull ? 4 : 0;
            if (p == from
                    || gap == JsonSourceShape.Gap.MILLIS && p - from > MOST_DIGITS
                    || p == end
                    || bytes[p] != ',' && bytes[p] != '}') {
                return false;
            }
            if (gap == JsonSourceShape.Gap.MILLIS) {
                newMillis = isNull ? 0 : number;
            } else if (gap == JsonSourceShape.Gap.TRANSACTION && !isNull) {
                newTransaction = from;
                newTransactionLength = p - from;
            }
        }
        // all else is as it was
        block.present = true;
        block.millis = newMillis;
        block.transactionStart = newTransaction;
        block.transactionLength = newTransactionLength;
        block.sequenceCommit = commit;
        block.sequenceEvent = event;
        block.schemaStart = schemaAt;
        block.schemaLength = shape.schemaLength;
        block.tableStart = tableAt;
        block.tableLength = shape.tableLength;
        block.snapshot = shape.snapshot;
        block.incremental = shape.incremental;
        block.first = shape.first;
        block.last = shape.last;
        block.documents = shape.documents;
        block.cells = shape.cells;
        block.origin = shape.origin;
        json.position(p);
        return true;
    }

    private static long number(byte[] digits, int from, int to) {
        long number = 0;
        for (int p = from; p < to; p++) {
            number = number * 10 + digits[p] - '0';
        }
        return number;
    }

    private void readFields(JsonScanner json, JsonSourceShape shape) {
        clear();
        block.present = true;
        shape.begin(json.position());
        json.expect('{');
        boolean firstField = true;
        while (json.nextField(firstField)) {
            firstField = false;
            switch (json.tokenLength()) {
                case 2 -> {
                    boolean isDb = json.tokenIs(DB);
                    if (isDb && json.peek() == '"') {
                        json.string();
                        database.set(json);
                        if (!hasSchema) {
                            schemaToken(json, shape);
                        }
                    } else {
                        json.skip();
                    }
                }
                case 3 -> number(json, json.tokenIs(LSN) ? JsonSourceShape.Gap.NUMBER : null, shape);
                case 4 -> {
                    if (json.tokenIs(NAME) && json.peek() == '"') {
                        json.string();
                        server.set(json);
                        continue;
                    }
                    boolean isTransaction = json.tokenIs(TX_ID);
                    boolean isXmin = json.tokenIs(XMIN);
                    int next = json.peek();
                    number(
                            json,
                            isTransaction
                                    ? JsonSourceShape.Gap.TRANSACTION
                                    : isXmin ? JsonSourceShape.Gap.NUMBER : null,
                            shape);
                    if (isTransaction) {
                        transaction(json, next);
                    }
                }
                case 5 -> {
                    if (json.tokenIs(TABLE) && json.peek() == '"') {
                        json.string();
                        block.tableStart = json.tokenStart();
                        block.tableLength = json.tokenLength();
                        shape.tableAt(block.tableStart);
                    } else if (json.tokenIs(TS_MS)) {
                        json.peek();
                        int at = json.position();
                        block.millis = integer(json);
                        gap(json, JsonSourceShape.Gap.MILLIS, at, shape);
                    } else {
                        boolean time = json.tokenIs(TS_US) || json.tokenIs(TS_NS);
                        number(json, time ? JsonSourceShape.Gap.NUMBER : null, shape);
                    }
                }
                case 6 -> {
                    if (json.tokenIs(SCHEMA) && json.peek() == '"') {
                        hasSchema = true;
                        json.string();
                        schemaToken(json, shape);
                    } else {
                        json.skip();
                    }
                }
                case 8 -> {
                    if (json.tokenIs(SNAPSHOT)) {
                        snapshot(json);
                    } else if (json.tokenIs(SEQUENCE) && json.peek() == '"') {
                        int at = json.position();
                        json.string();
                        sequence(json);
                        shape.gap(JsonSourceShape.Gap.SEQUENCE, json.bytes(), at, json.position());
                    } else {
                        json.skip();
                    }
                }
                case 9 -> {
                    boolean isConnector = json.tokenIs(CONNECTOR);
                    if (isConnector && json.peek() == '"') {
                        json.string();
                        connector.set(json);
                        block.cells = json.tokenIs(CASSANDRA);
                    } else {
                        json.skip();
                    }
                }
                case 10 -> {
                    if (json.tokenIs(COLLECTION) && json.peek() == '"') {
                        block.documents = true;
                        json.string();
                        block.tableStart = json.tokenStart();
                        block.tableLength = json.tokenLength();
                        shape.tableAt(block.tableStart);
                    } else {
                        json.skip();
                    }
                }
                default -> json.skip();
            }
        }
        if (tellsOrigins && server.length > 0) {
            block.origin = origin(json.bytes(), shape);
        }
        shape.origin = block.origin;
        shape.end(json.bytes(), json.position(), block);
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

    private static void number(JsonScanner json, JsonSourceShape.@Nullable Gap gap, JsonSourceShape shape) {
        json.peek();
        int at = json.position();
        json.skip();
        if (gap != null) {
            gap(json, gap, at, shape);
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
        block.snapshot = text ? !token.equals("false") : token.equals("true");
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
                case "__source_sequence", "__sequence" -> {
                    json.skip();
                    if (text) {
                        sequence(json);
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
                default -> json.skip();
            }
        }
    }

    /** The two positions as they nearly always stand there; false if anything is otherwise. */
    private boolean plainSequence(JsonScanner json) {
        if (!json.tryText(SEQUENCE_START)) {
            return false;
        }
        int commit = json.position();
        int commitEnd = json.digits(commit);
        json.position(commitEnd);
        if (!json.tryText(SEQUENCE_BETWEEN)) {
            return false;
        }
        int event = json.position();
        int eventEnd = json.digits(event);
        json.position(eventEnd);
        if (commitEnd == commit
                || eventEnd == event
                || commitEnd - commit > MOST_DIGITS
                || eventEnd - event > MOST_DIGITS
                || !json.tryText(SEQUENCE_END)) {
            return false;
        }
        block.sequenceCommit = number(json.bytes(), commit, commitEnd);
        block.sequenceEvent = number(json.bytes(), event, eventEnd);
        return true;
    }

    /**
     * PostgreSQL: {@code ["lsn of the last commit before", "lsn of this event"]}, either null. Another form is another connector's, and no position: taken
     * for a small number it would make all later events duplicates.
     */
    private void sequence(JsonScanner json) {
        String text = new String(json.bytes(), json.tokenStart(), json.tokenLength(), StandardCharsets.ISO_8859_1)
                .replace("\\\"", "");
        Matcher matcher = POSITIONS.matcher(text);
        block.sequenceCommit = 0;
        block.sequenceEvent = -1;
        if (!matcher.matches()) {
            return;
        }
        try {
            String commit = matcher.group(1);
            String event = matcher.group(2);
            block.sequenceEvent = event.equals("null") ? -1 : Long.parseLong(event);
            block.sequenceCommit = commit.equals("null") ? 0 : Long.parseLong(commit);
        } catch (NumberFormatException e) {
            block.sequenceEvent = -1; // beyond what a long holds
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
