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
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The schema that Kafka Connect's JsonConverter puts before each payload, interpreted. It is the same bytes every time, so
 * this happens once for each distinct block.
 *
 * @see <a href="https://debezium.io/documentation/reference/stable/connectors/postgresql.html#postgresql-data-types">how
 *     Debezium maps types</a>
 */
final class SchemaBlock {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** money is 64 bits of hundredths. */
    private static final int MONEY_DIGITS = 19;
    /** PostgreSQL's own types that Debezium does not know: in the binary mode base64 their text arrives in base64, as text. */
    private static final Set<String> UNKNOWN_TYPES = Set.of(
            "BOX",
            "CIRCLE",
            "LINE",
            "LSEG",
            "PATH",
            "POLYGON",
            "PG_LSN",
            "TSQUERY",
            "JSONPATH",
            "PG_SNAPSHOT",
            "TXID_SNAPSHOT",
            "INT4MULTIRANGE",
            "INT8MULTIRANGE",
            "NUMMULTIRANGE",
            "TSMULTIRANGE",
            "TSTZMULTIRANGE",
            "DATEMULTIRANGE",
            "REGCLASS",
            "REGTYPE",
            "REGPROC",
            "REGPROCEDURE",
            "REGOPER",
            "REGOPERATOR",
            "REGROLE",
            "REGNAMESPACE",
            "REGCONFIG",
            "REGDICTIONARY",
            "REGCOLLATION",
            "NAME",
            "TID",
            "XID",
            "XID8",
            "CID");

    private static final String NO_UUID = "00000000-0000-0000-0000-000000000000";

    /** Types whose default is a sequence. */
    private static final Set<String> SERIALS =
            Set.of("SERIAL", "BIGSERIAL", "SMALLSERIAL", "SERIAL2", "SERIAL4", "SERIAL8");

    private static final int MOST_ORIGINS = 16;

    private final byte[] bytes;
    private final Shape shape;
    private final List<LayoutColumn> columns = new ArrayList<>();
    private final Map<String, JsonNode> defaults = new HashMap<>();
    private boolean postgres;
    private @Nullable String foreign;

    /** The layout of the event before, and of each table seen under this block. */
    RowLayout layout = RowLayout.NONE;

    /** By table, the layouts of the newest databases or servers that have one of its name. */
    private final Map<TableName, Map<String, RowLayout>> layouts = new HashMap<>();

    /** What the schema is of. */
    enum Shape {
        /** Not known: there is no block. */
        ANY,
        ENVELOPE,
        /** The row itself, as ExtractNewRecordState leaves it. */
        ROW
    }

    private SchemaBlock(byte[] bytes, Shape shape) {
        this.bytes = bytes;
        this.shape = shape;
    }

    static SchemaBlock none() {
        return new SchemaBlock(new byte[0], Shape.ANY);
    }

    /** @throws DecodeException if the bytes are no schema */
    static SchemaBlock of(byte[] value, int from, int to) {
        byte[] bytes = Arrays.copyOfRange(value, from, to);
        try {
            JsonNode root = JSON.readTree(bytes);
            Map<String, JsonNode> fields = new HashMap<>();
            root.path("fields").forEach(field -> fields.put(field.path("field").asText(), field));
            JsonNode source = fields.get("source");
            // columns may be called op, before, after and source as well
            boolean envelope = fields.containsKey("op")
                    && (isStruct(source) || isStruct(fields.get("after")) || isStruct(fields.get("before")));
            SchemaBlock block = new SchemaBlock(bytes, envelope ? Shape.ENVELOPE : Shape.ROW);
            block.postgres =
                    source == null || source.path("name").asText().equals("io.debezium.connector.postgresql.Source");
            JsonNode row = envelope ? fields.getOrDefault("after", fields.get("before")) : root;
            if (row != null) {
                block.readColumns(row.path("fields"));
            }
            return block;
        } catch (JsonProcessingException e) {
            throw new DecodeException(Reason.SCHEMA, "cannot read the schema block: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new DecodeException(Reason.SCHEMA, "cannot read the schema block: " + e.getMessage());
        }
    }

    private static boolean isStruct(@Nullable JsonNode field) {
        return field != null && field.path("type").asText().equals("struct");
    }

    private void readColumns(JsonNode fields) {
        Set<String> names = new HashSet<>();
        for (JsonNode field : fields) {
            String name = field.path("field").asText();
            if (!names.add(name)) {
                throw new DecodeException(
                        Reason.SCHEMA, "cannot take two columns of one name, " + DecodeException.shown(name));
            }
            if (shape == Shape.ENVELOPE || !FlatRow.isMetadata(name)) {
                columns.add(column(name, field));
                JsonNode value = field.get("default");
                if (value != null && !value.isNull() && !isMadeUp(field, value)) {
                    defaults.put(name, value);
                }
            }
        }
    }

    /** For a default that is a function Debezium gives an empty value of its type: where a default can be nothing else, it is none. */
    private static boolean isMadeUp(JsonNode field, JsonNode value) {
        String sourceType = field.path("parameters")
                .path("__debezium.source.column.type")
                .asText("")
                .toUpperCase(Locale.ROOT);
        return switch (field.path("name").asText("")) {
            case "io.debezium.data.Uuid" -> value.asText().equals(NO_UUID);
            default -> value.asText().equals("0") && SERIALS.contains(sourceType);
        };
    }

    Shape shape() {
        return shape;
    }

    /** What the source fills into rows without a value, by column. */
    Map<String, JsonNode> defaults() {
        return defaults;
    }

    /** The first layout of a table with these columns and defaults. */
    RowLayout first(TopicId topic, TableName table, String origin, TableSettings settings, Set<String> texts) {
        List<LayoutColumn> typed = columns().stream()
                .map(column -> {
                    String hint = settings.types().get(column.name());
                    return hint == null
                            ? column
                            : column.typed(TypeHint.column(column.name(), hint).type());
                })
                .toList();
        return new RowLayout(
                topic, table, origin, isOrdered(), typed, List.of(), Set.copyOf(texts), settings, defaults());
    }

    /** What rows of these columns are, if they are those of another tool; else empty. */
    String foreign() {
        if (foreign == null) {
            Set<String> names = new HashSet<>();
            columns.forEach(column -> names.add(column.name()));
            foreign = Foreign.of(names);
        }
        return foreign;
    }

    void use(RowLayout next) {
        layout = next;
        Map<String, RowLayout> ofTable = layouts.computeIfAbsent(next.schema.table(), table -> new HashMap<>());
        if (ofTable.size() == MOST_ORIGINS && !ofTable.containsKey(next.origin())) {
            ofTable.clear(); // one more is mostly one that a forger made up
        }
        ofTable.put(next.origin(), next);
    }

    @Nullable
    RowLayout layout(TableName table, String origin) {
        Map<String, RowLayout> ofTable = layouts.get(table);
        return ofTable == null ? null : ofTable.get(origin);
    }

    /** Whether its columns are in the source's order: those of rows alone are in the order in which they came. */
    boolean isOrdered() {
        return shape == Shape.ENVELOPE;
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

    private LayoutColumn column(String column, JsonNode field) {
        String connect = field.path("type").asText();
        JsonNode parameters = field.path("parameters");
        String sourceType = parameters.path("__debezium.source.column.type").asText("");
        return switch (field.path("name").asText("")) {
            case "" -> plain(column, connect, sourceType, field);
            case "io.debezium.data.Json" -> new LayoutColumn(column, ColumnType.JSON, Form.TEXT);
            case "io.debezium.data.Bits" ->
                LayoutColumn.bits(
                        column,
                        sourceType.equals("VARBIT")
                                ? 0
                                : parameters.path("length").asInt(0));
            case "io.debezium.data.VariableScaleDecimal" -> LayoutColumn.digits(column, Form.DECIMAL_STRUCT, 0);
            case "io.debezium.time.Date", "org.apache.kafka.connect.data.Date", "io.debezium.time.IsoDate" ->
                new LayoutColumn(column, ColumnType.DATE, Form.DAYS);
            case "io.debezium.time.Time", "org.apache.kafka.connect.data.Time" ->
                new LayoutColumn(column, ColumnType.TIME, Form.MILLIS);
            case "io.debezium.time.MicroTime" -> new LayoutColumn(column, ColumnType.TIME, Form.MICROS);
            case "io.debezium.time.NanoTime" -> new LayoutColumn(column, ColumnType.TIME, Form.NANOS);
            case "io.debezium.time.IsoTime" -> new LayoutColumn(column, ColumnType.TIME, Form.CLOCK_TEXT);
            case "io.debezium.time.Timestamp", "org.apache.kafka.connect.data.Timestamp" ->
                new LayoutColumn(column, ColumnType.TIMESTAMP, Form.MILLIS);
            case "io.debezium.time.MicroTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.MICROS);
            case "io.debezium.time.NanoTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.NANOS);
            case "io.debezium.time.IsoTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMP, Form.TIME_TEXT);
            case "io.debezium.time.ZonedTimestamp" -> new LayoutColumn(column, ColumnType.TIMESTAMPTZ, Form.TIME_TEXT);
            case "org.apache.kafka.connect.data.Decimal" ->
                decimal(
                        column,
                        sourceType,
                        parameters.path("connect.decimal.precision").asInt(0),
                        parameters.path("scale").asInt(0),
                        Form.DECIMAL_BASE64);
            // names that say what a text or number means, not how it arrives: uuids, enums, zoned times, durations,
            // years
            default -> plain(column, connect, "", field);
        };
    }

    private LayoutColumn plain(String column, String connect, String sourceType, JsonNode field) {
        return switch (connect) {
            case "boolean" -> new LayoutColumn(column, ColumnType.BOOLEAN, Form.BOOLEAN);
            case "int8", "int16" -> new LayoutColumn(column, ColumnType.INT16, Form.INTEGER);
            case "int32" -> new LayoutColumn(column, ColumnType.INT32, Form.INTEGER);
            case "int64" -> new LayoutColumn(column, ColumnType.INT64, Form.INTEGER);
            case "float", "float32" -> new LayoutColumn(column, ColumnType.FLOAT32, Form.FLOAT);
            case "double", "float64" -> new LayoutColumn(column, ColumnType.FLOAT64, Form.FLOAT);
            case "bytes" ->
                // types that Debezium does not know arrive as the bytes of their text
                postgres && !sourceType.isEmpty() && !sourceType.equals("BYTEA")
                        ? new LayoutColumn(column, ColumnType.TEXT, Form.BASE64_TEXT)
                        : new LayoutColumn(column, ColumnType.BYTES, Form.BASE64);
            case "string" ->
                sourceType.equals("NUMERIC") || sourceType.equals("MONEY")
                        ? decimal(
                                column,
                                sourceType,
                                length(field, "__debezium.source.column.length"),
                                length(field, "__debezium.source.column.scale"),
                                Form.DECIMAL_TEXT)
                        : new LayoutColumn(
                                column,
                                ColumnType.TEXT,
                                postgres && UNKNOWN_TYPES.contains(sourceType) ? Form.BASE64_TEXT : Form.TEXT);
            case "array" -> LayoutColumn.array(column, column("", field.path("items")));
            default -> new LayoutColumn(column, ColumnType.JSON, Form.ANY); // a structure, as hstore or a point
        };
    }

    private static int length(JsonNode field, String parameter) {
        return field.path("parameters").path(parameter).asInt(0);
    }

    /** A decimal where one holds every value; else its digits as text. */
    private static LayoutColumn decimal(String column, String sourceType, int precision, int scale, Form form) {
        if (sourceType.equals("MONEY")) {
            return new LayoutColumn(column, ColumnType.decimal(MONEY_DIGITS, 2), form);
        }
        // Debezium leaves the precision out where the source has none; numeric(3,5) has values below 0.01 only
        int digits =
                Math.max(precision == 0 && form == Form.DECIMAL_BASE64 ? ColumnType.MAX_PRECISION : precision, scale);
        if (precision >= 0 && digits >= 1 && digits <= ColumnType.MAX_PRECISION && scale >= 0) {
            return new LayoutColumn(column, ColumnType.decimal(digits, scale), form);
        }
        return LayoutColumn.digits(column, form, scale);
    }
}
