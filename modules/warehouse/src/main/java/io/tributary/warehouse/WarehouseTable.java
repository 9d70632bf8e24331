package io.tributary.warehouse;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One table of the warehouse that the job makes and alters: a mirror, a history, a staging table. It knows the columns that it
 * has seen there, by name, with their types as the warehouse spells them; another writer may have added some.
 */
final class WarehouseTable {
    private static final Logger LOG = LoggerFactory.getLogger(WarehouseTable.class);

    private final Dialect dialect;
    private final TableName name;
    private Map<String, String> types = new HashMap<>();

    /** What is said or done before a column is added or widened. */
    interface Before {
        Before NOTHING = new Before() {};

        /** @param type of the column there, or null where it is not */
        default void change(Column column, @Nullable String type) throws WarehouseConflictException {
            // as the source has it
        }

        default void widen(Connection connection) throws SQLException, WarehouseConflictException {
            // nothing depends on it
        }
    }

    WarehouseTable(Dialect dialect, TableName name) {
        this.dialect = dialect;
        this.name = name;
    }

    TableName name() {
        return name;
    }

    /** Whether its columns are known. */
    boolean isKnown() {
        return !types.isEmpty();
    }

    boolean has(String column) {
        return types.containsKey(column);
    }

    /** The column's type; null where it is not known to be there. */
    @Nullable
    String type(String column) {
        return types.get(column);
    }

    Set<String> columns() {
        return types.keySet();
    }

    /** The columns that are there, which are not known before they are taken over. */
    Map<String, String> look(Connection connection) throws SQLException {
        return dialect.columns(connection, name);
    }

    void take(Map<String, String> found) {
        types = new HashMap<>(found);
    }

    void read(Connection connection) throws SQLException {
        take(look(connection));
    }

    /** Forgets what is known: another may have altered it. */
    void forget() {
        types = new HashMap<>();
    }

    /**
     * Makes the table, if it is not there.
     *
     * @param more definitions of columns of ours
     * @param key the columns of its primary key, or none
     */
    void create(Connection connection, Map<String, Column> columns, List<String> more, List<String> key)
            throws SQLException {
        List<String> definitions = new ArrayList<>();
        columns.forEach((column, its) -> definitions.add(dialect.quoted(column) + " " + dialect.type(its.type())));
        definitions.addAll(more);
        if (!key.isEmpty() && key.size() <= dialect.largestPrimaryKey()) {
            definitions.add("PRIMARY KEY ("
                    + String.join(", ", key.stream().map(dialect::quoted).toList()) + ")");
        }
        Session.define(
                connection,
                dialect,
                "CREATE TABLE IF NOT EXISTS " + dialect.quoted(name) + " (" + String.join(", ", definitions) + ")");
    }

    /** Adds a column, or makes it wide enough for what the source has. */
    void bring(Connection connection, String column, Column its, Before before)
            throws SQLException, WarehouseConflictException {
        if (holds(types.get(column), its) && narrow(column) == null) {
            return;
        }
        read(connection); // another writer may have been here
        endWidening(connection, column, its);
        String type = types.get(column);
        if (holds(type, its)) {
            return;
        }
        before.change(its, type);
        ColumnType held = type == null ? null : dialect.held(type);
        if (type == null || held == null) {
            add(connection, dialect.quoted(column) + " " + dialect.type(its.type()));
        } else {
            ColumnType wide = held.join(its.type());
            before.widen(connection);
            LOG.info("{}: {} becomes {} to hold what the source has", name, column, wide);
            for (String statement : dialect.widen(dialect.quoted(name), column, type, dialect.type(wide))) {
                Session.define(connection, dialect, statement);
            }
        }
        read(connection);
    }

    /** Adds a column by its definition, if it is not there. */
    void add(Connection connection, String definition) throws SQLException {
        Session.define(
                connection, dialect, "ALTER TABLE " + dialect.quoted(name) + " ADD COLUMN IF NOT EXISTS " + definition);
    }

    /** The type of the column that a widening has left in the place of one; null if none has. */
    private @Nullable ColumnType narrow(String column) {
        String narrow = dialect.narrow(column);
        String type = narrow == null ? null : types.get(narrow);
        return type == null ? null : dialect.held(type);
    }

    /** Brings a widening that was cut off to its end. */
    private void endWidening(Connection connection, String column, Column its) throws SQLException {
        ColumnType narrow = narrow(column);
        if (narrow == null) {
            return;
        }
        String begun = types.get(column);
        String wide = begun == null ? dialect.type(narrow.join(its.type())) : begun;
        for (String statement : dialect.widened(dialect.quoted(name), column, wide)) {
            Session.define(connection, dialect, statement);
        }
        read(connection);
    }

    /** Whether a column of the type holds what the source has; one of a type that only the user knows does, by a cast. */
    private boolean holds(@Nullable String type, Column its) {
        ColumnType held = type == null ? null : dialect.held(type);
        return type != null && (held == null || held.join(its.type()).equals(held));
    }

    /** Whether a column of a type takes values of another and changes them, where it does not refuse those that it cannot hold. */
    static boolean rounds(ColumnType held, ColumnType source) {
        boolean isFloat = held.kind() == ColumnType.Kind.FLOAT32 || held.kind() == ColumnType.Kind.FLOAT64;
        boolean isExact =
                switch (held.kind()) {
                    case INT16, INT32, INT64, DECIMAL -> true;
                    case BOOLEAN, FLOAT32, FLOAT64, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY -> false;
                };
        return switch (source.kind()) {
            case DECIMAL -> isFloat || isExact && held.scale() < source.scale();
            case FLOAT64 -> isExact || held.kind() == ColumnType.Kind.FLOAT32;
            case FLOAT32 -> isExact;
            case INT64 -> isFloat;
            case INT32 -> held.kind() == ColumnType.Kind.FLOAT32;
            case TIMESTAMP, TIMESTAMPTZ -> held.kind() == ColumnType.Kind.DATE || held.kind() == ColumnType.Kind.TIME;
            case BOOLEAN, INT16, TEXT, JSON, BYTES, DATE, TIME, ANY -> false;
        };
    }

    /** The definitions of columns of ours. */
    static List<String> definitions(Dialect dialect, List<String> names) {
        return names.stream().map(name -> definition(dialect, name)).toList();
    }

    /** The definition of a column of ours. */
    static String definition(Dialect dialect, String name) {
        ColumnType type =
                switch (name) {
                    case OwnColumns.SEQ, "cdc_offset" -> ColumnType.INT64;
                    case "cdc_partition" -> ColumnType.INT32;
                    case "cdc_effect" -> ColumnType.INT16;
                    case "cdc_timestamp" -> ColumnType.TIMESTAMPTZ;
                    case "cdc_deleted" -> ColumnType.BOOLEAN;
                    default -> ColumnType.TEXT;
                };
        return dialect.quoted(dialect.own(name)) + " " + dialect.type(type);
    }
}
