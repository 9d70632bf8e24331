package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Secret;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A decoder with the change it fills, and the events' text: what most tests of decode need. */
final class Decoding {
    static final String TOPIC = "cdc.public.t";
    /** The change's row holds this where the source did not send a value. */
    static final Object UNSENT = new Object() {
        @Override
        public String toString() {
            return "UNSENT";
        }
    };

    final Decoder decoder;
    final Event change = new Event();
    private long offset = 41;

    Decoding() {
        this(Map.of());
    }

    Decoding(Map<String, TableSettings> settings) {
        this(settings, "");
    }

    Decoding(Map<String, TableSettings> settings, String secret) {
        decoder =
                new Decoder(new DecodeSettings(new HashMap<>(settings), DecodeSettings.UNAVAILABLE, Secret.of(secret)));
    }

    static Decoding of(TableSettings settings) {
        return new Decoding(Map.of("public.t", settings));
    }

    /** What the pipeline file may say of a table, the rest as usual. */
    static TableSettings settings(List<String> key, Map<String, String> types, int buckets) {
        return new TableSettings(key, types, buckets, OutOfRange.TEXT, Map.of(), false);
    }

    Outcome decode(@Nullable String key, @Nullable String value) {
        return decode(TOPIC, bytes(key), bytes(value));
    }

    Outcome decode(String topic, byte @Nullable [] key, byte @Nullable [] value) {
        return decode(topic, key, value, RawRecord.Headers.NONE);
    }

    Outcome decode(String topic, byte @Nullable [] key, byte @Nullable [] value, RawRecord.Headers headers) {
        RawRecord record = new RawRecord().set(topic, 3, ++offset, 1_700_000_000_500L, key, value);
        record.headers = headers;
        return decoder.decode(record, change);
    }

    /** One header and no other. */
    static RawRecord.Headers header(String name, String value) {
        return List.of(new RawRecord.Header(name, bytes(value)))::iterator;
    }

    /** The outcome in one text: {@code CHANGE}, {@code REPEATED}, {@code IGNORED tombstone}, {@code REJECTED value: cannot hold…}. */
    String outcome(@Nullable String key, @Nullable String value) {
        Outcome outcome = decode(key, value);
        return switch (outcome) {
            case CHANGE -> "CHANGE";
            case REPEATED -> "REPEATED";
            case IGNORED -> "IGNORED " + decoder.ignored();
            case REJECTED -> "REJECTED " + decoder.reason().label() + ": " + decoder.detail();
        };
    }

    Map<String, @Nullable Object> after() {
        return row(change.requireSchema(), change.after);
    }

    Map<String, @Nullable Object> before() {
        return row(change.requireSchema(), change.before);
    }

    Map<String, @Nullable Object> key() {
        return key(change.key);
    }

    Map<String, @Nullable Object> key(Slice key) {
        TableSchema schema = change.requireSchema();
        List<io.tributary.change.Column> columns = new ArrayList<>();
        for (int index : schema.key()) {
            io.tributary.change.Column column = schema.columns().get(index);
            columns.add(
                    new io.tributary.change.Column(column.name(), column.type().inKey()));
        }
        return row(new TableSchema("", schema.table(), columns, List.of()), key);
    }

    private static Map<String, @Nullable Object> row(TableSchema schema, Slice slice) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        RowReader reader = new RowReader();
        reader.open(schema, slice.bytes(), slice.offset());
        for (io.tributary.change.Column column : schema.columns()) {
            row.put(column.name(), reader.next() ? reader.value() : reader.isUnsent() ? UNSENT : null);
        }
        return row;
    }

    /** One value read as a column of this type in this form. */
    static @Nullable Object value(LayoutColumn column, String json) {
        JsonScanner scanner = new JsonScanner();
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        scanner.open(bytes, 0, bytes.length);
        RowWriter rows = new RowWriter();
        rows.begin(1);
        new ValueReader().read(scanner, column, 0, new Placeholders(Placeholders.DEFAULT), rows);
        rows.end();
        scanner.expectEnd();
        TableSchema schema = new TableSchema(
                "",
                new io.tributary.change.TableName("", "t"),
                List.of(new io.tributary.change.Column("c", column.type())),
                List.of());
        RowReader reader = new RowReader();
        reader.open(schema, rows.buffer(), 0);
        return reader.next() ? reader.value() : reader.isUnsent() ? UNSENT : null;
    }

    static String insert(String after) {
        return envelope("c", "null", after);
    }

    static String update(String after) {
        return envelope("u", "null", after);
    }

    static String envelope(String op, String before, String after) {
        return envelope("t", op, before, after);
    }

    static String envelope(String table, String op, String before, String after) {
        return "{\"before\":" + before + ",\"after\":" + after + ",\"source\":" + source(table) + ",\"op\":\"" + op
                + "\",\"ts_ms\":1700000000200}";
    }

    static String source(String table) {
        return "{\"connector\":\"postgresql\",\"ts_ms\":1700000000100,\"snapshot\":\"false\",\"db\":\"shop\","
                + "\"sequence\":\"[\\\"10\\\",\\\"20\\\"]\",\"schema\":\"public\",\"table\":\"" + table
                + "\",\"txId\":7,\"lsn\":20}";
    }

    /** A column of a schema block: {@code id int32}, {@code amount decimal(2)}, or a semantic type's full name. */
    static String field(String name, String type) {
        if (type.startsWith("decimal(")) {
            String scale = type.substring(8, type.length() - 1);
            return "{\"type\":\"bytes\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":1,"
                    + "\"parameters\":{\"scale\":\"" + scale
                    + "\",\"connect.decimal.precision\":\"10\"},\"field\":\"" + name + "\"}";
        }
        if (type.startsWith("numeric(")) {
            return "{\"type\":\"string\",\"optional\":true,\"parameters\":{\"__debezium.source.column.type\":\"NUMERIC\","
                    + "\"__debezium.source.column.length\":\"10\",\"__debezium.source.column.scale\":\""
                    + type.substring(8, type.length() - 1) + "\"},\"field\":\"" + name + "\"}";
        }
        String semantic = type.contains(".") ? ",\"name\":\"" + type + "\",\"version\":1" : "";
        String connect = !type.contains(".")
                ? type
                : type.endsWith("Json") || type.contains("Zoned") || type.contains("Iso") ? "string" : "int64";
        return "{\"type\":\"" + connect + "\",\"optional\":true" + semantic + ",\"field\":\"" + name + "\"}";
    }

    /** A row behind a schema block of these columns, as ExtractNewRecordState leaves it. */
    static String wrappedRow(String row, String... fields) {
        return "{\"schema\":{\"type\":\"struct\",\"fields\":[" + String.join(",", fields)
                + "],\"optional\":false,\"name\":\"cdc.public.t.Value\"},\"payload\":" + row + "}";
    }

    /** A payload behind a schema block of these columns. */
    static String wrapped(String payload, String... fields) {
        String struct =
                "{\"type\":\"struct\",\"fields\":[" + String.join(",", fields) + "],\"optional\":true,\"field\":\"";
        return "{\"schema\":{\"type\":\"struct\",\"fields\":[" + struct + "before\"}," + struct
                + "after\"},{\"type\":\"string\",\"optional\":false,\"field\":\"op\"}],\"optional\":false},\"payload\":"
                + payload + "}";
    }

    static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
