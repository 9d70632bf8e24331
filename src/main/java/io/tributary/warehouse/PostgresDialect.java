package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** PostgreSQL, 13 or later. */
final class PostgresDialect implements Dialect {
    private static final int LONGEST_NAME = 63;
    private static final Set<String> SYSTEM_COLUMNS = Set.of("tableoid", "xmin", "cmin", "xmax", "cmax", "ctid");
    /** Types whose values may be longer than a B-tree takes, a third of a page. */
    private static final Set<String> UNBOUNDED = Set.of("text", "bytea");

    private static final int MOST_KEY_COLUMNS = 32;
    private static final String INDEX_ROW_TOO_LARGE = "54000";
    private static final Set<String> BEYOND_LIMITS = Set.of(INDEX_ROW_TOO_LARGE, "54011");
    private static final String IS_NULL = "23502";
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
    public String driver() {
        return "org.postgresql.Driver";
    }

    @Override
    public int longestName() {
        return LONGEST_NAME;
    }

    @Override
    public int largestPrimaryKey() {
        return MOST_KEY_COLUMNS;
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
        List<List<String>> primary = primaryKey(connection, table);
        if (primary.stream().map(row -> row.get(1)).collect(Collectors.toSet()).equals(Set.copyOf(key))) {
            return;
        }
        dropKey(connection, table, primary);
        if (!key.isEmpty() && !isIndexed(connection, table, key)) {
            // not unique: rows from before may lack it
            try {
                index(connection, table, key);
            } catch (SQLException e) {
                if (!BEYOND_LIMITS.contains(String.valueOf(e.getSQLState()))) {
                    throw e;
                }
                indexByHash(connection, table, key);
            }
        }
    }

    /** The constraint's name and a column, for each column. */
    private static List<List<String>> primaryKey(Connection connection, TableName table) throws SQLException {
        return Session.query(connection, """
                select p.conname, a.attname
                from pg_constraint p
                join pg_class c on c.oid = p.conrelid
                join pg_namespace n on n.oid = c.relnamespace
                join pg_attribute a on a.attrelid = c.oid and a.attnum = any(p.conkey)
                where p.contype = 'p' and n.nspname = ? and c.relname = ?
                """, table.schema(), table.table());
    }

    /** Takes a primary key away, and that its columns are never null: in one statement, as nothing would tell the second half to come. */
    private void dropKey(Connection connection, TableName table, List<List<String>> primary) throws SQLException {
        if (primary.isEmpty()) {
            return;
        }
        List<String> actions = new ArrayList<>();
        actions.add("DROP CONSTRAINT IF EXISTS " + quoted(primary.get(0).get(0)));
        primary.forEach(row -> actions.add("ALTER COLUMN " + quoted(row.get(1)) + " DROP NOT NULL"));
        define(connection, "ALTER TABLE " + quoted(table) + " " + String.join(", ", actions));
    }

    /** What an index of ours is called, of a key; where there are several, they begin with it. */
    private String index(TableName table, List<String> key) {
        return index(table) + Names.hash(list(key));
    }

    /** How those of a table begin. */
    private static String index(TableName table) {
        return Names.within(table.table(), LONGEST_NAME / 2) + "_key_";
    }

    private String list(List<String> columns) {
        return String.join(", ", columns.stream().map(this::quoted).toList());
    }

    private boolean isIndexed(Connection connection, TableName table, List<String> key) throws SQLException {
        return !Session.query(
                        connection,
                        "select 1 from pg_indexes where schemaname = ? and tablename = ? and starts_with(indexname, ?)",
                        table.schema(),
                        table.table(),
                        index(table, key))
                .isEmpty();
    }

    private void index(Connection connection, TableName table, List<String> key) throws SQLException {
        define(
                connection,
                "CREATE INDEX IF NOT EXISTS " + quoted(index(table, key)) + " ON " + quoted(table) + " (" + list(key)
                        + ")");
    }

    /** A B-tree takes what has a length of its own, and a hash of each of the others, however long it is. */
    private void indexByHash(Connection connection, TableName table, List<String> key) throws SQLException {
        Map<String, String> types = columns(connection, table);
        List<String> fixed = new ArrayList<>();
        int indexes = 0;
        for (String column : key) {
            if (!UNBOUNDED.contains(String.valueOf(types.get(column)))) {
                fixed.add(column);
            } else if (indexes < MOST_KEY_COLUMNS) {
                define(
                        connection,
                        "CREATE INDEX IF NOT EXISTS " + quoted(index(table, key) + "_" + ++indexes) + " ON "
                                + quoted(table) + " USING hash (" + quoted(column) + ")");
            }
        }
        if (!fixed.isEmpty()) {
            define(
                    connection,
                    "CREATE INDEX IF NOT EXISTS " + quoted(index(table, key) + "_0") + " ON " + quoted(table) + " ("
                            + list(fixed.subList(0, Math.min(fixed.size(), MOST_KEY_COLUMNS))) + ")");
        }
    }

    @Override
    public boolean loosen(Connection connection, TableName table, List<String> key, SQLException failure)
            throws SQLException {
        ServerErrorMessage message = failure instanceof PSQLException e ? e.getServerErrorMessage() : null;
        if (message == null) {
            return false;
        }
        List<List<String>> primary = primaryKey(connection, table);
        List<String> trees = trees(connection, table);
        boolean isTooLarge = INDEX_ROW_TOO_LARGE.equals(failure.getSQLState())
                && (message.getConstraint() == null
                        || trees.contains(message.getConstraint())
                        || primary.stream().anyMatch(row -> row.get(0).equals(message.getConstraint())));
        boolean isNull = IS_NULL.equals(failure.getSQLState()) && key.contains(message.getColumn());
        if (!isTooLarge && !isNull || primary.isEmpty() && trees.isEmpty()) {
            return false;
        }
        dropKey(connection, table, primary);
        for (String tree : trees) {
            define(connection, "DROP INDEX IF EXISTS " + quoted(new TableName(table.schema(), tree)));
        }
        indexByHash(connection, table, key);
        return true;
    }

    /** The B-trees of ours that take whole keys. */
    private static List<String> trees(Connection connection, TableName table) throws SQLException {
        return Session.query(
                        connection,
                        "select indexname from pg_indexes where schemaname = ? and tablename = ? and starts_with(indexname, ?)",
                        table.schema(),
                        table.table(),
                        index(table))
                .stream()
                .map(row -> row.get(0))
                .filter(name ->
                        name.length() == index(table).length() + Names.hash("").length())
                .toList();
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

    private void define(Connection connection, String statement) throws SQLException {
        Session.define(connection, this, statement);
    }
}
