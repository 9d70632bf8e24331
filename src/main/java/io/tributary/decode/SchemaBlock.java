package io.tributary.decode;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The schema that Kafka Connect's JsonConverter puts before each payload, interpreted. It is the same bytes every time, so
 * this happens once for each distinct block.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-data-types">how
 *     Debezium maps types</a>
 */
final class SchemaBlock {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What a numeric without precision gives as its length. */
    private static final int UNBOUNDED_NUMERIC = 131_089;

    private final byte[] bytes;
    private final List<LayoutColumn> columns;

    /** The layout of the event before, and of each table seen under this block. */
    RowLayout layout = RowLayout.NONE;

    final Map<TableName, RowLayout> layouts = new HashMap<>();

    private SchemaBlock(byte[] bytes, List<LayoutColumn> columns) {
        this.bytes = bytes;
        this.columns = columns;
    }

    static SchemaBlock none() {
        return new SchemaBlock(new byte[0], List.of());
    }

    /** @throws DecodeException if the bytes are no schema */
    static SchemaBlock of(byte[] value, int from, int to) {
        byte[] bytes = Arrays.copyOfRange(value, from, to);
        try {
            JsonNode root = JSON.readTree(bytes);
            List<LayoutColumn> columns = new ArrayList<>();
            for (JsonNode field : root.path("fields")) {
                String name = field.path("field").asText();
                if (name.equals("after") || name.equals("before") && columns.isEmpty()) {
                    columns.clear();
                    for (JsonNode column : field.path("fields")) {
                        columns.add(column(column));
                    }
                }
            }
            return new SchemaBlock(bytes, List.copyOf(columns));
        } catch (JsonProcessingException e) {
            throw new DecodeException(Reason.SCHEMA, "cannot read the schema block: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new DecodeException(Reason.SCHEMA, "cannot read the schema block: " + e.getMessage());
        }
    }

    void use(RowLayout next) {
        layout = next;
        layouts.put(next.schema.table(), next);
    }

    List<LayoutColumn> columns() {
        return columns;
    }

    int length() {
        return bytes.length;
    }

    boolean isAt(byte[] value, int from) {
        return from + bytes.length <= value.length
                && Arrays.equals(value, from, from + bytes.length, bytes, 0, bytes.length);
    }

    private static LayoutColumn column(JsonNode field) {
        String column = field.path("field").asText();
        String connect = field.path("type").asText();
        String semantic = field.path("name").asText("");
        return switch (semantic) {
            case "" -> plain(column, connect, field.path("parameters"));
            case "io.debezium.data.Json" -> new LayoutColumn(column, ColumnType.JSON, Form.TEXT);
            case "io.debezium.data.Uuid", "io.debezium.data.Enum", "io.debezium.data.Xml" ->
                new LayoutColumn(column, ColumnType.TEXT, Form.TEXT);
            case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date" ->
                new LayoutColumn(column, ColumnType.DATE, Form.INTEGER);
            case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time" ->
                new LayoutColumn(column, ColumnType.TIME, Form.MILLIS);
            case "io.debezium.time.MicroTime" -> new LayoutColumn(column, ColumnType.TIME, Form.MICROS);
            case "io.debezium.time.NanoTime" -> new LayoutColumn(column, ColumnType.TIME, Form.NANOS);
            case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp" ->
                new LayoutColumn(column, ColumnType.TIMESTAMP, Form.MILLIS);
            case "io.debezium.time.MicroTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.MICROS);
            case "io.debezium.time.NanoTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.NANOS);
            case "io.debezium.time.IsoTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.TIME_TEXT);
            case "io.debezium.time.ZonedTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMPTZ, Form.TIME_TEXT);
            case "org.apache.kafka.connect.data.Decimal" ->
                decimal(
                        column,
                        number(field, "connect.decimal.precision"),
                        number(field, "scale"),
                        Form.DECIMAL_BASE64);
            default -> LayoutColumn.untyped(column);
        };
    }

    private static LayoutColumn plain(String column, String connect, JsonNode parameters) {
        return switch (connect) {
            case "boolean" -> new LayoutColumn(column, ColumnType.BOOLEAN, Form.BOOLEAN);
            case "int8", "int16" -> new LayoutColumn(column, ColumnType.INT16, Form.INTEGER);
            case "int32" -> new LayoutColumn(column, ColumnType.INT32, Form.INTEGER);
            case "int64" -> new LayoutColumn(column, ColumnType.INT64, Form.INTEGER);
            case "float", "float32" -> new LayoutColumn(column, ColumnType.FLOAT32, Form.FLOAT);
            case "double", "float64" -> new LayoutColumn(column, ColumnType.FLOAT64, Form.FLOAT);
            case "bytes" -> new LayoutColumn(column, ColumnType.BYTES, Form.BASE64);
            case "string" ->
                parameters.path("__debezium.source.column.type").asText("").equals("NUMERIC")
                        ? decimal(
                                column,
                                parameters
                                        .path("__debezium.source.column.length")
                                        .asInt(0),
                                parameters
                                        .path("__debezium.source.column.scale")
                                        .asInt(0),
                                Form.DECIMAL_TEXT)
                        : new LayoutColumn(column, ColumnType.TEXT, Form.TEXT);
            default -> LayoutColumn.untyped(column);
        };
    }

    private static int number(JsonNode field, String parameter) {
        return field.path("parameters").path(parameter).asInt(0);
    }

    /** A decimal where one holds every value; else text, which does, or the bytes themselves. */
    private static LayoutColumn decimal(String column, int precision, int scale, Form form) {
        // Debezium leaves the precision out where the source has none
        int digits = precision == 0 && form == Form.DECIMAL_BASE64 ? ColumnType.MAX_PRECISION : precision;
        if (digits >= 1 && digits <= ColumnType.MAX_PRECISION && scale >= 0 && scale <= digits) {
            return new LayoutColumn(column, ColumnType.decimal(digits, scale), form);
        }
        return form == Form.DECIMAL_TEXT && digits <= UNBOUNDED_NUMERIC
                ? new LayoutColumn(column, ColumnType.TEXT, Form.TEXT)
                : LayoutColumn.untyped(column);
    }
}
