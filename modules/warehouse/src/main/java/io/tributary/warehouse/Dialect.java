package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What warehouses do not say alike. All else is SQL that they share. */
interface Dialect extends Serializable {
    /** Those that a {@link ServiceLoader} finds: ours, and who else's jar is there. */
    static List<Dialect> all() {
        List<Dialect> all = new ArrayList<>();
        ServiceLoader.load(Dialect.class).forEach(all::add);
        return all;
    }

    /** @throws IllegalArgumentException if no dialect is for the URL */
    static Dialect of(String url) {
        return all().stream()
                .filter(dialect -> url.startsWith(dialect.urls()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no dialect for " + url));
    }

    /** How the URLs begin that it is for. */
    String urls();

    /**
     * Whether a failure does not pass by waiting: by the class of its SQLSTATE, it is one of the statement, its values or the tables, and not
     * of the connection, the server or its resources.
     */
    default boolean isLasting(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.length() == 5 && LASTING.contains(state.substring(0, 2));
    }

    /** Whether a statement that makes something failed since another made the same at once; it finds that when it runs again. */
    default boolean isMadeByAnother(SQLException failure) {
        return failure.getSQLState() != null && MADE.contains(failure.getSQLState());
    }

    /** SQLSTATE: a schema, a table, a column or another object is there already. */
    Set<String> MADE = Set.of("42P06", "42P07", "42701", "42710");

    /** What who runs the warehouse can do about a failure; empty where that is not known. */
    default String advice(Exception failure, WarehouseSettings settings) {
        return "";
    }

    /** Classes of SQLSTATE: unsupported, cardinality, data, constraints, dependents, routines, schema, syntax and access, views, limits, raised. */
    Set<String> LASTING = Set.of("0A", "21", "22", "23", "2B", "38", "39", "3F", "42", "44", "54", "P0");

    /** Whether a table cannot have a column of this name. */
    default boolean isReservedColumn(String name) {
        return false;
    }

    /** Whether nobody but the warehouse makes tables in a schema of this name. */
    default boolean isReservedSchema(String name) {
        return name.toLowerCase(Locale.ROOT).equals("information_schema");
    }

    /** The JDBC driver's class. */
    String driver();

    /** What a connection is made with, where the user does not say otherwise. */
    default Map<String, String> properties() {
        return Map.of();
    }

    /** What a connection is made with to log in by a key pair; nothing where that cannot be. */
    default Map<String, String> keyLogin(String privateKeyFile) {
        return Map.of();
    }

    /** What a connection is made with to log in by a token; nothing where that cannot be. */
    default Map<String, String> tokenLogin(String token) {
        return Map.of();
    }

    /** The case of names that need no quotes, where those of the source are in lower case. */
    default Letters letters() {
        return Letters.KEEP;
    }

    /** How many rows one {@link #load} may have. */
    default int mostRows() {
        return Integer.MAX_VALUE;
    }

    /** The bytes from which on rows are loaded, however few they are. */
    default int largestChunk() {
        return 4 << 20;
    }

    /** The columns of the largest primary key that is worth being declared. */
    default int largestPrimaryKey() {
        return Integer.MAX_VALUE;
    }

    /** How many bytes of UTF-8 a name may have. */
    int longestName();

    /** A name of ours, in the case that needs no quotes there. */
    String own(String name);

    /** A name as part of a statement, whatever is in it. */
    default String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    default String quoted(TableName table) {
        return table.schema().isEmpty() ? quoted(table.table()) : quoted(table.schema()) + "." + quoted(table.table());
    }

    /** The type of a column that holds every value of a type exactly. */
    String type(ColumnType type);

    /** The type whose values a column holds, and no others, or null where that is not known. */
    @Nullable
    ColumnType held(String type);

    /**
     * What a staged value is cast to for a column of a type that only the user knows: without a length, to which a cast would cut
     * texts, where an INSERT refuses them.
     */
    default String cast(String type) {
        return type.replaceFirst("^(VARCHAR|character varying)\\(\\d+\\)$", "$1")
                .replaceFirst("^character\\(\\d+\\)$", "bpchar");
    }

    /** The columns of a table and their types, in its order; none if it is not there. */
    Map<String, String> columns(Connection connection, TableName table) throws SQLException;

    /** Lets rows be found by these columns, or by none, in a table whose primary key others were; nothing where they are it. */
    void rekey(Connection connection, TableName table, List<String> key) throws SQLException;

    /**
     * Lets a table of ours have rows of every key, whatever its length and with columns that are null, if a failure is of how it enforces its key.
     *
     * @param key the names of the key's columns
     * @return whether the table has become another
     */
    default boolean loosen(Connection connection, TableName table, List<String> key, SQLException failure)
            throws SQLException {
        return false;
    }

    /** The statements that give a column a type which holds more. */
    List<String> widen(String table, String name, String from, String type);

    /** The name of the column that a {@link #widen} which was cut off may have left in the place of another. */
    default @Nullable String narrow(String name) {
        return null;
    }

    /** The statements that bring such a one to its end; they may be run at any time and twice. */
    default List<String> widened(String table, String name, String type) {
        return List.of();
    }

    /** Statements that a connection begins with. */
    List<String> session();

    /**
     * Statements that a transaction begins with, whose effect ends with it.
     *
     * @param loads whether it is for {@link #load}, which {@link #sync} makes durable
     */
    default List<String> transaction(boolean loads) {
        return List.of();
    }

    /** Whether it is for us to say how long an answer may take: not where the driver tries again by itself. */
    default boolean isBounded() {
        return false;
    }

    /**
     * Asks for what the user's statements wait for: the first words of each, and the session, user and program that hold it; empty where nothing
     * tells.
     */
    default String blockers() {
        return "";
    }

    /** Which life of the server this is: what it had not written to disk is lost in the next. Empty where all is durable at once. */
    default String life(Connection connection) throws SQLException {
        return "";
    }

    /**
     * What a transaction is told before, and after, statements that compare whole tables by expressions that no index has and
     * whose number of values nothing is known of.
     */
    default List<String> comparing(boolean begins) {
        return List.of();
    }

    /** What a temporary table of this name is called in statements, or null where a transaction may make none. */
    default @Nullable String temporary(Connection connection, String name) throws SQLException {
        return null;
    }

    /** The statements that make such a table of a query's rows, until the transaction ends. */
    default List<String> temporary(String table, String query) {
        throw new UnsupportedOperationException();
    }

    /** A text that is the same for rows of equal values. */
    String digest(List<String> values);

    /** A value as text: dates as days, timestamps as microseconds since 1970, bytes as hexadecimal digits. */
    String text(String column, ColumnType type);

    /** The number at a place of a {@code cdc_position}. */
    String positionPart(String position, int part);

    /** Takes rows for {@link #load}. */
    RowText rows();

    /**
     * Puts rows into a table, and commits.
     *
     * @param columns and their types, in the order in which the rows have values
     */
    void load(Connection connection, TableName table, Map<String, String> columns, RowText rows) throws SQLException;

    /**
     * Makes sure that what was loaded is there after a crash.
     *
     * @param write a statement that writes something, and changes nothing
     */
    void sync(Connection connection, String write) throws SQLException;

    /** After many rows were taken out of a staging table: what keeps it small. */
    void tidy(Connection connection, String table) throws SQLException;
}
