package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.PSQLException;

/** PostgreSQL, 13 or later. */
public final class PostgresDialect implements Dialect {
    static final int LONGEST_NAME = 63;
    private static final Set<String> SYSTEM_COLUMNS = Set.of("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid");

    private static final Pattern NUMERIC = Pattern.compile("numeric\\((\\d+),(\\d+)\\)");
    /** At least 64 MB for each sort of an apply; the server's own is 4 MB, with which hundred thousands of keys go to disk. */
    private static final String MORE_MEMORY = "SELECT set_config('work_mem', '64MB', true)"
            + " WHERE pg_size_bytes(current_setting('work_mem')) < pg_size_bytes('64MB')";

    @Override
    public boolean isReservedColumn(String name) {
        return SYSTEM_COLUMNS.contains(name);
    }

    @Override
    public boolean isReservedSchema(String name) {
        return name.startsWith("pg_") || name.equals("information_schema");
    }

    @Override
    public boolean isMadeByAnother(SQLException failure) {
        // IF NOT EXISTS does not see what another transaction has not committed: the catalog's index refuses the second
        boolean isOfCatalog = failure instanceof PSQLException e
                && e.getServerErrorMessage() != null
                && "pg_catalog".equals(e.getServerErrorMessage().getSchema());
        return isOfCatalog || Dialect.super.isMadeByAnother(failure);
    }

    @Override
    public String advice(Exception failure, WarehouseSettings settings) {
        String state = failure instanceof SQLException e && e.getSQLState() != null ? e.getSQLState() : "";
        String user = settings.connection().getUsername().orElse("the user");
        return switch (state) {
            case "25006" ->
                "the server is read-only: let it be written, or say in 'sinks.warehouse.url' where the primary is";
            case "53300" ->
                "raise max_connections, or end others: the job has one for each writer, and five for its commits";
            case "53100" -> "the server's disk is full: make room";
            case "55P03" -> "another session holds a lock: pg_stat_activity and pg_locks name it";
            case "42501" -> "grant " + user + " what it lacks";
            case "57P03", "57P01", "57P02" -> "the server starts, or goes: it is waited for";
            case "28P01", "28000" -> "mend 'sinks.warehouse.user' and 'password', or the user in the server";
            case "23502" -> "a column that is not of the source must take null or have a default: alter it, or drop it";
            case "0A000", "2BP01" ->
                "a view or a rule of yours depends on the table: drop it, and make it again after the change";
            case "42703", "42P01" ->
                "a column or table of ours was dropped: put it back, or let the mirror be made anew: drop it, and"
                        + " submit the job afresh, without state";
            case "P0001" -> "a trigger of yours refuses the rows: disable it for this table";
            default ->
                state.startsWith("08") ? "the server does not answer: start it, or mend 'sinks.warehouse.url'" : "";
        };
    }

    @Override
    public Map<String, String> properties() {
        return Map.of(
                "connectTimeout", "10",
                "loginTimeout", "20",
                "tcpKeepAlive", "true",
                // of a pool that gives each transaction another connection, no statement can be prepared for later
                "prepareThreshold", "0");
    }

    @Override
    public String urls() {
        return "jdbc:postgresql:";
    }

    @Override
    public String driver() {
        return "org.postgresql.Driver";
    }

    @Override
    public int longestName() {
        return LONGEST_NAME;
    }

    @Override
    public int largestPrimaryKey() {
        return PostgresKeys.MOST_KEY_COLUMNS;
    }

    @Override
    public String own(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    @Override
    public String type(ColumnType type) {
        return switch (type.kind()) {
            case BOOLEAN -> "boolean";
            case INT16 -> "smallint";
            case INT32 -> "integer";
            case INT64 -> "bigint";
            case FLOAT32 -> "real";
            case FLOAT64 -> "double precision";
            case DECIMAL -> "numeric(" + type.precision() + "," + type.scale() + ")";
            case TEXT, ANY -> "text";
            case JSON -> "json"; // jsonb would reorder it, and has no place for U+0000
            case BYTES -> "bytea";
            case DATE -> "date";
            case TIME -> "time without time zone";
            case TIMESTAMP -> "timestamp without time zone";
            case TIMESTAMPTZ -> "timestamp with time zone";
        };
    }

    @Override
    public @Nullable ColumnType held(String type) {
        return switch (type) {
            case "boolean" -> ColumnType.BOOLEAN;
            case "smallint" -> ColumnType.INT16;
            case "integer" -> ColumnType.INT32;
            case "bigint" -> ColumnType.INT64;
            case "real" -> ColumnType.FLOAT32;
            case "double precision" -> ColumnType.FLOAT64;
            case "text" -> ColumnType.TEXT;
            case "json" -> ColumnType.JSON;
            case "bytea" -> ColumnType.BYTES;
            case "date" -> ColumnType.DATE;
            case "time without time zone" -> ColumnType.TIME;
            case "timestamp without time zone" -> ColumnType.TIMESTAMP;
            case "timestamp with time zone" -> ColumnType.TIMESTAMPTZ;
            default -> numeric(type);
        };
    }

    private static @Nullable ColumnType numeric(String type) {
        Matcher numeric = NUMERIC.matcher(type);
        if (!numeric.matches()) {
            return null;
        }
        int precision = Integer.parseInt(numeric.group(1));
        int scale = Integer.parseInt(numeric.group(2));
        return precision <= ColumnType.MAX_PRECISION && scale <= precision
                ? ColumnType.decimal(precision, scale)
                : null;
    }

    @Override
    public Map<String, String> columns(Connection connection, TableName table) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                select a.attname, format_type(a.atttypid, a.atttypmod)
                from pg_attribute a
                join pg_class c on c.oid = a.attrelid
                join pg_namespace n on n.oid = c.relnamespace
                where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
                order by a.attnum
                """)) {
            statement.setString(1, table.schema());
            statement.setString(2, table.table());
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.put(rows.getString(1), rows.getString(2));
                }
            }
        }
        return columns;
    }

    @Override
    public void rekey(Connection connection, TableName table, List<String> key) throws SQLException {
        new PostgresKeys(this).rekey(connection, table, key);
    }

    @Override
    public boolean loosen(Connection connection, TableName table, List<String> key, SQLException failure)
            throws SQLException {
        return new PostgresKeys(this).loosen(connection, table, key, failure);
    }

    @Override
    public List<String> widen(String table, String name, String from, String type) {
        String column = quoted(name);
        return List.of("ALTER TABLE " + table + " ALTER COLUMN " + column + " TYPE " + type + " USING " + column + "::"
                + type);
    }

    @Override
    public List<String> session() {
        return List.of("SET application_name = 'tributary'", "SET timezone = 'UTC'"); // a pool keeps both for us
    }

    @Override
    public List<String> transaction(boolean loads) {
        return List.of(String.join(
                "; ", // one round trip
                "SET LOCAL lock_timeout = '45s'",
                "SET LOCAL idle_in_transaction_session_timeout = '60s'",
                "SET LOCAL client_min_messages = 'warning'",
                loads ? "SET LOCAL synchronous_commit = off" : MORE_MEMORY));
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    @Override
    public String blockers() {
        return "SELECT left(regexp_replace(waits.query, '\\s+', ' ', 'g'), 60), holds.pid, holds.usename, holds.application_name,"
                + " round(extract(epoch FROM clock_timestamp() - waits.query_start)) FROM pg_stat_activity waits,"
                + " LATERAL unnest(pg_blocking_pids(waits.pid)) blocker JOIN pg_stat_activity holds ON holds.pid = blocker"
                + " WHERE waits.usename = current_user AND waits.datname = current_database()"
                + " AND holds.usename IS DISTINCT FROM waits.usename";
    }

    @Override
    public String life(Connection connection) throws SQLException {
        return Session.query(connection, "SELECT pg_postmaster_start_time()::text || ' ' || pg_is_in_recovery()::text")
                .get(0)
                .get(0);
    }

    @Override
    public List<String> comparing(boolean begins) {
        // it would take the rows to be few, and compare each with each
        return List.of("SET LOCAL enable_nestloop = " + (begins ? "off" : "on"));
    }

    @Override
    public @Nullable String temporary(Connection connection, String name) throws SQLException {
        boolean isAllowed = Session.query(connection, "SELECT has_database_privilege(current_database(), 'TEMPORARY')")
                .get(0)
                .get(0)
                .equals("t");
        return isAllowed ? "pg_temp." + name : null;
    }

    @Override
    public List<String> temporary(String table, String query) {
        return List.of("CREATE TEMPORARY TABLE " + table + " ON COMMIT DROP AS " + query, "ANALYZE " + table);
    }

    @Override
    public String digest(List<String> values) {
        return "md5(ROW(" + String.join(", ", values) + ")::text)";
    }

    @Override
    public String text(String column, ColumnType type) {
        return switch (type.kind()) {
            case TIMESTAMP, TIMESTAMPTZ -> "(extract(epoch from " + column + ") * 1000000)::bigint::text";
            case DATE -> "(" + column + " - date '1970-01-01')::text";
            case BYTES -> "encode(" + column + ", 'hex')";
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, TIME, ANY -> column + "::text";
        };
    }

    @Override
    public String positionPart(String position, int part) {
        return "CAST(split_part(" + position + ", ':', " + part + ") AS bigint)";
    }

    @Override
    public RowText rows() {
        return new CopyText();
    }

    @Override
    public void load(Connection connection, TableName table, Map<String, String> columns, RowText rows)
            throws SQLException {
        String names =
                String.join(", ", columns.keySet().stream().map(this::quoted).toList());
        TextBuffer text = rows.buffer();
        Session.begin(connection, this, true);
        CopyIn copy = connection
                .unwrap(PGConnection.class)
                .getCopyAPI()
                .copyIn("COPY " + quoted(table) + " (" + names + ") FROM STDIN");
        try {
            copy.writeToCopy(text.bytes, 0, text.position);
            copy.endCopy();
            connection.commit();
            connection.setAutoCommit(true);
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    @Override
    public void sync(Connection connection, String write) throws SQLException {
        // a synchronous commit flushes all that was written before it, if it has written something itself
        Session.begin(connection, this, false);
        try {
            execute(connection, "SET LOCAL synchronous_commit = on");
            execute(connection, write);
            connection.commit();
        } finally {
            connection.setAutoCommit(true);
        }
    }

    @Override
    public void tidy(Connection connection, String table) throws SQLException {
        execute(connection, "VACUUM " + table);
    }

    private static void execute(Connection connection, String statement) throws SQLException {
        try (Statement plain = connection.createStatement()) {
            plain.execute(statement);
        }
    }
}
