package io.tributary.decode;

import java.nio.charset.StandardCharsets;

/**
 * What one pass over an envelope's {@code source} finds: ranges of the event's bytes and numbers. Reused from event to
 * event.
 */
final class SourceBlock {
    private static final byte[] TS_MS = name("ts_ms");
    private static final byte[] SNAPSHOT = name("snapshot");
    private static final byte[] SEQUENCE = name("sequence");
    private static final byte[] SCHEMA = name("schema");
    private static final byte[] TABLE = name("table");
    private static final byte[] TX_ID = name("txId");
    private static final byte[] DB = name("db");

    boolean present;
    int schemaStart;
    int schemaLength;
    int tableStart;
    int tableLength;
    int transactionStart;
    int transactionLength;
    String schema = "";
    String table = "";
    long millis;
    /** Whether a snapshot read the row, rather than the log. */
    boolean snapshot;
    /** Whether it was a snapshot that runs beside the stream. */
    boolean incremental;

    long sequenceCommit;
    long sequenceEvent;
    private boolean hasSchema;

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    void clear() {
        present = false;
        hasSchema = false;
        schemaStart = 0;
        schemaLength = 0;
        tableStart = 0;
        tableLength = 0;
        transactionLength = -1;
        millis = 0;
        snapshot = false;
        incremental = false;
        sequenceCommit = -1;
        sequenceEvent = -1;
    }

    void read(JsonScanner json) {
        clear();
        present = true;
        json.expect('{');
        boolean first = true;
        while (json.nextField(first)) {
            first = false;
            switch (json.tokenLength()) {
                case 2 -> {
                    boolean isDb = json.tokenIs(DB);
                    if (isDb && !hasSchema && json.peek() == '"') {
                        json.string();
                        schemaToken(json);
                    } else {
                        json.skip();
                    }
                }
                case 4 -> {
                    boolean isTransaction = json.tokenIs(TX_ID);
                    int next = json.peek();
                    json.skip();
                    if (isTransaction && next != 'n' && next != '{' && next != '[') {
                        json.unescape(); // for its check: the lake takes no text that is not UTF-8
                        transactionStart = json.tokenStart();
                        transactionLength = json.tokenLength();
                    }
                }
                case 5 -> {
                    if (json.tokenIs(TABLE) && json.peek() == '"') {
                        json.string();
                        tableStart = json.tokenStart();
                        tableLength = json.tokenLength();
                    } else if (json.tokenIs(TS_MS)) {
                        millis = integer(json);
                    } else {
                        json.skip();
                    }
                }
                case 6 -> {
                    if (json.tokenIs(SCHEMA) && json.peek() == '"') {
                        hasSchema = true;
                        json.string();
                        schemaToken(json);
                    } else {
                        json.skip();
                    }
                }
                case 8 -> {
                    if (json.tokenIs(SNAPSHOT)) {
                        snapshot(json);
                    } else if (json.tokenIs(SEQUENCE) && json.peek() == '"') {
                        json.string();
                        sequence(json);
                    } else {
                        json.skip();
                    }
                }
                default -> json.skip();
            }
        }
    }

    private void schemaToken(JsonScanner json) {
        schemaStart = json.tokenStart();
        schemaLength = json.tokenLength();
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
        snapshot = text ? !token.equals("false") : token.equals("true");
        incremental = token.equals("incremental");
    }

    /** PostgreSQL: {@code ["lsn of the last commit before", "lsn of this event"]}, either null. */
    private void sequence(JsonScanner json) {
        long[] numbers = {0, -1};
        int index = 0;
        byte[] bytes = json.bytes();
        int end = json.tokenStart() + json.tokenLength();
        for (int p = json.tokenStart(); p < end && index < 2; p++) {
            int digit = bytes[p] - '0';
            if (digit >= 0 && digit <= 9) {
                numbers[index] = 0;
                while (p < end && bytes[p] >= '0' && bytes[p] <= '9') {
                    numbers[index] = numbers[index] * 10 + bytes[p++] - '0';
                }
                index++;
            } else if (bytes[p] == 'n') {
                index++;
                p += 3;
            }
        }
        sequenceCommit = numbers[0];
        sequenceEvent = numbers[1];
    }

    /** The names as text, for the rare event that is of another table than the one before it. */
    void readNames(byte[] bytes) {
        schema = text(bytes, schemaStart, schemaLength);
        table = text(bytes, tableStart, tableLength);
    }

    private static String text(byte[] bytes, int start, int length) {
        if (length == 0) {
            return "";
        }
        JsonScanner json = new JsonScanner();
        json.open(bytes, start - 1, start + length + 1);
        json.string();
        return json.tokenText();
    }
}
