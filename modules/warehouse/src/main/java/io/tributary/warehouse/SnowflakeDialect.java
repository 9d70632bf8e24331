package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Snowflake. */
public final class SnowflakeDialect implements Dialect {
    private static final int LONGEST_NAME = 255;
    /** A statement and its binds together may have a megabyte. */
    private static final int LARGEST_CHUNK = 512 << 10;

    private static final int MOST_ROWS = 500;
    private static final Set<Integer> NOT_THERE = Set.of(2003, 2043);
    private static final Pattern NUMBER = Pattern.compile("NUMBER\\((\\d+),(\\d+)\\)");
    private static final Pattern MICROS = Pattern.compile("\\([6-9]\\)");
    /** How it spells the types without a length: a shorter one may not hold a value. */
    private static final Pattern WHOLE =
            Pattern.compile("(VARCHAR\\(16777216|VARCHAR\\(134217728|BINARY\\(8388608|BINARY\\(67108864)\\)");

    /** What is not there has the state 02000. */
    @Override
    public boolean isLasting(SQLException failure) {
        return "02000".equals(failure.getSQLState()) || Dialect.super.isLasting(failure);
    }

    @Override
    public String urls() {
        return "jdbc:snowflake:";
    }

    @Override
    public String driver() {
        return "net.snowflake.client.api.driver.SnowflakeDriver";
    }

    @Override
    public Map<String, String> properties() {
        return Map.of(
                "QUERY_TAG", "tributary",
                "TIMEZONE", "UTC",
                "LOCK_TIMEOUT", "60",
                "ABORT_DETACHED_QUERY", "TRUE", // what a killed job has begun, five minutes later
                // the driver would look for clouds around it
                "disablePlatformDetection", "true",
                "CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED", "false");
    }

    @Override
    public Map<String, String> keyLogin(String privateKeyFile) {
        return Map.of("authenticator", "snowflake_jwt", "private_key_file", privateKeyFile);
    }

    @Override
    public Map<String, String> tokenLogin(String token) {
        return Map.of("authenticator", "programmatic_access_token", "token", token);
    }

    @Override
    public Letters letters() {
        return Letters.UPPER;
    }

    @Override
    public int longestName() {
        return LONGEST_NAME;
    }

    @Override
    public int mostRows() {
        return MOST_ROWS;
    }

    @Override
    public int largestChunk() {
        return LARGEST_CHUNK;
    }

    @Override
    public int largestPrimaryKey() {
        return 0; // it would not enforce them
    }

    @Override
    public String own(String name) {
        return name.toUpperCase(Locale.ROOT);
    }

    @Override
    public String type(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> "BOOLEAN";
            case INT16 -> "NUMBER(5,0)";
            case INT32 -> "NUMBER(10,0)";
            case INT64 -> "NUMBER(19,0)";
            case FLOAT32, FLOAT64 -> "FLOAT";
            case DECIMAL -> "NUMBER(" + type.precision() + "," + type.scale() + ")";
            case TEXT, ANY -> "VARCHAR";
            case JSON -> "VARIANT";
            case BYTES -> "BINARY";
            case DATE -> "DATE";
            case TIME -> "TIME(6)";
            case TIMESTAMP -> "TIMESTAMP_NTZ(6)";
            case TIMESTAMPTZ -> "TIMESTAMP_TZ(6)";
        };
    }

    @Override
    public @Nullable ColumnType held(String type) {
        Matcher number = NUMBER.matcher(type);
        if (number.matches()) {
            return ColumnType.decimal(Integer.parseInt(number.group(1)), Integer.parseInt(number.group(2)));
        }
        if (type.contains("(")
                && !WHOLE.matcher(type).matches()
                && !MICROS.matcher(type).find()) {
            return null;
        }
        return switch (type.replaceAll("\\(.*", "")) {
            case "BOOLEAN" -> ColumnType.BOOLEAN;
            case "FLOAT" -> ColumnType.FLOAT64;
            case "VARCHAR" -> ColumnType.TEXT;
            case "VARIANT" -> ColumnType.JSON;
            case "BINARY" -> ColumnType.BYTES;
            case "DATE" -> ColumnType.DATE;
            case "TIME" -> ColumnType.TIME;
            case "TIMESTAMP_NTZ" -> ColumnType.TIMESTAMP;
            case "TIMESTAMP_TZ" -> ColumnType.TIMESTAMPTZ;
            default -> null;
        };
    }

    @Override
    public Map<String, String> columns(Connection connection, TableName table) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        try {
            for (List<String> row : Session.query(connection, "DESCRIBE TABLE " + quoted(table))) {
                if (row.get(2).equals("COLUMN")) {
                    columns.put(row.get(0), row.get(1));
                }
            }
        } catch (SQLException e) {
            if (!NOT_THERE.contains(e.getErrorCode())) {
                throw e;
            }
        }
        return columns;
    }

    @Override
    public void rekey(Connection connection, TableName table, List<String> key) {
        // it has no keys, and no indexes
    }

    @Override
    public List<String> widen(String table, String name, String from, String type) {
        Matcher narrow = NUMBER.matcher(from);
        Matcher wide = NUMBER.matcher(type);
        String altered = "ALTER TABLE " + table;
        if (narrow.matches() && wide.matches() && narrow.group(2).equals(wide.group(2))) {
            return List.of(altered + " ALTER COLUMN " + quoted(name) + " SET DATA TYPE " + type);
        }
        List<String> statements = new ArrayList<>();
        statements.add(altered + " RENAME COLUMN " + quoted(name) + " TO " + quoted(narrow(name)));
        statements.addAll(widened(table, name, type));
        return statements;
    }

    @Override
    public String narrow(String name) {
        return Names.within(name, LONGEST_NAME - 10) + own("_narrow__");
    }

    @Override
    public List<String> widened(String table, String name, String type) {
        String narrow = quoted(narrow(name));
        return List.of(
                "ALTER TABLE " + table + " ADD COLUMN IF NOT EXISTS " + quoted(name) + " " + type,
                "UPDATE " + table + " SET " + quoted(name) + " = CAST(" + narrow + " AS " + type + ") WHERE "
                        + quoted(name) + " IS NULL AND " + narrow + " IS NOT NULL",
                "ALTER TABLE " + table + " DROP COLUMN IF EXISTS " + narrow);
    }

    @Override
    public List<String> session() {
        return List.of(); // the connection's properties say it
    }

    @Override
    public String digest(List<String> values) {
        List<String> texts = values.stream()
                .map(value -> "COALESCE(LENGTH(CAST(" + value + " AS VARCHAR)) || ':' || CAST(" + value
                        + " AS VARCHAR), '-')")
                .toList();
        return "MD5(" + String.join(" || ", texts) + ")";
    }

    @Override
    public String text(String column, ColumnType type) {
        return switch (type.kind()) {
            case TIMESTAMP, TIMESTAMPTZ -> "CAST(DATE_PART(EPOCH_MICROSECOND, " + column + ") AS VARCHAR)";
            case DATE -> "CAST(DATEDIFF(DAY, DATE '1970-01-01', " + column + ") AS VARCHAR)";
            case TIME -> "TO_VARCHAR(" + column + ", 'HH24:MI:SS.FF6')";
            case BYTES -> "LOWER(HEX_ENCODE(" + column + "))";
            case JSON -> "TO_JSON(" + column + ")";
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, ANY ->
                "CAST(" + column + " AS VARCHAR)";
        };
    }

    @Override
    public String positionPart(String position, int part) {
        return "CAST(SPLIT_PART(" + position + ", ':', " + part + ") AS NUMBER(19,0))";
    }

    @Override
    public RowText rows() {
        return new JsonRows();
    }

    @Override
    public void load(Connection connection, TableName table, Map<String, String> columns, RowText rows)
            throws SQLException {
        List<String> names = new ArrayList<>();
        List<String> values = new ArrayList<>();
        columns.forEach((name, type) -> {
            String text = "f.value[" + names.size() + "]::VARCHAR";
            names.add(quoted(name));
            ColumnType held = held(type);
            values.add(
                    switch (held == null ? ColumnType.Kind.TEXT : held.kind()) {
                        // what is no JSON to it, as an object that has a key twice, stays as a string
                        case JSON -> "COALESCE(TRY_PARSE_JSON(" + text + "), TO_VARIANT(" + text + "))";
                        case BYTES -> "TO_BINARY(" + text + ", 'HEX')";
                        case BOOLEAN,
                                INT16,
                                INT32,
                                INT64,
                                FLOAT32,
                                FLOAT64,
                                DECIMAL,
                                TEXT,
                                DATE,
                                TIME,
                                TIMESTAMP,
                                TIMESTAMPTZ,
                                ANY -> text + "::" + type;
                    });
        });
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO " + quoted(table) + " ("
                + String.join(", ", names) + ") SELECT " + String.join(", ", values)
                + " FROM (SELECT PARSE_JSON(?) AS d) s, LATERAL FLATTEN(INPUT => s.d) f")) {
            statement.setString(1, ((JsonRows) rows).json());
            statement.executeUpdate();
        }
    }

    @Override
    public void sync(Connection connection, String write) {
        // each statement was durable when it ended
    }

    @Override
    public void tidy(Connection connection, String table) {
        // it tidies up by itself
    }
}
