package io.tributary.warehouse;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of the warehouse that belong to one table of the source: the mirror, its history, the staging table. They are
 * made and altered here, each statement by itself, before any row that needs it is loaded; so that whoever comes first, of
 * several writers, may do it, and whoever comes after finds it done.
 */
final class Mirror {
    private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

    /** Beside the columns, in the mirror: when, what and where the last change was, and whether the row is gone. */
    static final List<String> OF_MIRROR = List.of("cdc_timestamp", "cdc_op", "cdc_position", "cdc_deleted");

    /** Of a mirror without a key: what tells equal rows apart. */
    static final String SEQ = "cdc_seq";

    /** Beside the columns, in a history: with the order of the changes and the topic. */
    static final List<String> OF_HISTORY = List.of("cdc_timestamp", "cdc_op", "cdc_position", SEQ, "cdc_topic");

    /** Beside the columns, in a staging table. */
    static final List<String> OF_STAGE = List.of(
            SEQ, "cdc_topic", "cdc_partition", "cdc_offset", "cdc_effect", "cdc_op", "cdc_timestamp", "cdc_position");

    private final Dialect dialect;
    private final WarehouseSettings settings;
    private final Ledger ledger;
    private final TableName source;
    private final TableName mirror;
    private final TableName stage;
    private final @Nullable TableName history;
    private final Versions versions;
    private boolean own = true;
    private boolean isFilledAnew;
    /** The columns of the mirror that are known to be there, by name: their types as the warehouse spells them. */
    private Map<String, String> there = new HashMap<>();

    private Map<String, String> staged = new HashMap<>();
    private Map<String, String> kept = new HashMap<>();

    Mirror(Dialect dialect, WarehouseSettings settings, Ledger ledger, TableName source) {
        this.dialect = dialect;
        this.settings = settings;
        this.ledger = ledger;
        this.source = source;
        TableName wanted = allowed(settings.names().of(source));
        int longest = dialect.longestName();
        this.mirror = new TableName(Names.within(wanted.schema(), longest), Names.within(wanted.table(), longest));
        this.stage = ledger.staging(mirror);
        this.history = settings.hasHistory(source) ? history(dialect, mirror) : null;
        this.versions = new Versions(dialect, mirror);
    }

    /** The name, or another where the warehouse keeps a schema to itself, or we a table. */
    private TableName allowed(TableName name) {
        boolean isOurs = name.schema().equals(settings.ledger())
                && name.table().toLowerCase(Locale.ROOT).startsWith("cdc_");
        return new TableName(
                dialect.isReservedSchema(name.schema()) ? dialect.own("cdc_") + name.schema() : name.schema(),
                isOurs ? name.table() + "_" : name.table());
    }

    static TableName history(Dialect dialect, TableName mirror) {
        return new TableName(
                mirror.schema(), Names.within(mirror.table() + dialect.own("_history"), dialect.longestName()));
    }

    TableName name() {
        return mirror;
    }

    TableName source() {
        return source;
    }

    TableName stage() {
        return stage;
    }

    /** The columns that staged rows have values for, ours before the others, with their types. */
    Map<String, String> staged(List<String> columns) {
        Map<String, String> types = new LinkedHashMap<>();
        OF_STAGE.forEach(name -> types.put(dialect.own(name), typeOf(dialect.own(name))));
        columns.forEach(name -> types.put(name, typeOf(name)));
        return types;
    }

    private String typeOf(String name) {
        String type = staged.get(name);
        if (type == null) {
            throw new IllegalStateException(stage + " has no column " + name);
        }
        return type;
    }

    Deletes deletes() {
        return settings.deletes().of(source);
    }

    boolean hasHistory() {
        return history != null;
    }

    /**
     * Makes the staging table have what rows of a schema need: there they wait, even where the mirror cannot be made.
     *
     * @return the names of the schema's columns there
     */
    List<@Nullable String> stage(Connection connection, TableSchema schema)
            throws SQLException, WarehouseConflictException {
        Map<String, Column> columns = columns(schema);
        if (staged.isEmpty()) {
            if (ledger.isOwn(connection, mirror, source) == null) {
                // made by us if it is not there yet: whoever makes one has made it known before
                ledger.register(
                        connection,
                        mirror,
                        source,
                        dialect.columns(connection, mirror).isEmpty());
            }
            if (dialect.columns(connection, stage).isEmpty()) {
                create(connection, stage, columns, definitions(OF_STAGE), null);
            }
            staged = dialect.columns(connection, stage);
        }
        for (Map.Entry<String, Column> entry : columns.entrySet()) {
            bring(connection, stage, staged, entry.getKey(), entry.getValue(), false);
        }
        return new ArrayList<>(columns.keySet());
    }

    /**
     * Makes the tables have what rows of a schema need.
     *
     * @return for each column of the schema its name in the tables, or null where it is left out
     */
    List<@Nullable String> ensure(Connection connection, TableSchema schema)
            throws SQLException, WarehouseConflictException {
        Map<String, Column> columns = columns(schema);
        look(connection, schema, columns);
        if (!own) {
            read(connection, mirror, there); // the user may have altered it
        }
        boolean mayAlter = own || settings.alter();
        List<@Nullable String> names = new ArrayList<>();
        for (Map.Entry<String, Column> entry : columns.entrySet()) {
            String name = entry.getKey();
            String type = there.get(name);
            boolean isIn = type != null;
            if (!isIn && isAdded() && !mayAlter) {
                throw lacking(List.of(name));
            }
            if (type != null && !mayAlter) {
                checkExact(name, type, entry.getValue());
            }
            names.add(isIn || isAdded() ? name : null);
            if (isIn || isAdded()) {
                if (mayAlter) {
                    bring(connection, mirror, there, name, entry.getValue(), true);
                }
                bring(connection, stage, staged, name, entry.getValue(), false);
                if (history != null) {
                    bring(connection, history, kept, name, entry.getValue(), false);
                }
            }
        }
        List<String> key = schema.keyNames().stream().map(this::nameOf).toList();
        rekey(connection, schema, key);
        if (history != null) {
            versions.bring(connection, kept.keySet(), key);
        }
        return names;
    }

    private void rekey(Connection connection, TableSchema schema, List<String> key)
            throws SQLException, WarehouseConflictException {
        if (own) {
            dialect.rekey(connection, mirror, key);
        }
        String seq = dialect.own(SEQ);
        if (schema.hasKey() || there.containsKey(seq)) {
            return;
        }
        if (!own && !settings.alter()) {
            throw lacking(List.of(seq));
        }
        Session.define(
                connection,
                dialect,
                "ALTER TABLE " + dialect.quoted(mirror) + " ADD COLUMN IF NOT EXISTS " + definition(SEQ));
        read(connection, mirror, there);
    }

    private boolean isAdded() {
        return settings.changes().of(source) != SchemaChanges.IGNORE;
    }

    /** The columns by their names in the tables. */
    private Map<String, Column> columns(TableSchema schema) throws WarehouseConflictException {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (Column own : schema.columns()) {
            boolean isKey = schema.keyNames().contains(own.name());
            // JSON is not to be compared
            Column column = isKey && own.type().equals(ColumnType.JSON) ? new Column(own.name(), ColumnType.TEXT) : own;
            String name = nameOf(column.name());
            Column other = columns.put(name, column);
            if (other != null) {
                throw WarehouseConflictException.ofOneMirror(
                        "%s: the columns '%s' and '%s' would both be '%s' in %s; set 'sinks.warehouse.names.letters' to keep"
                                .formatted(source, other.name(), column.name(), name, mirror));
            }
        }
        return columns;
    }

    /** The name of a column in the tables. */
    String nameOf(String column) {
        String name = settings.names().letters().of(column);
        String folded = name.toLowerCase(Locale.ROOT);
        boolean isTaken = OF_STAGE.contains(folded) || OF_MIRROR.contains(folded) || dialect.isReservedColumn(name);
        if (isTaken || name.isEmpty()) {
            name += "_"; // ours has the name, or one of the warehouse's; and one without letters is none
        }
        return Names.within(name, dialect.longestName());
    }

    /** Finds out what is there, and makes what is not. */
    private void look(Connection connection, TableSchema schema, Map<String, Column> columns)
            throws SQLException, WarehouseConflictException {
        if (!there.isEmpty()) {
            return;
        }
        // whoever makes a mirror has made it known before: what is there and not known is of the user
        Map<String, String> found = dialect.columns(connection, mirror);
        Boolean known = ledger.isOwn(connection, mirror, source);
        if (history != null) {
            if (ledger.isKnown(connection, history)) {
                throw WarehouseConflictException.ofOneMirror(
                        "the history of %s would be in %s, which is a mirror: give one of them another name with 'tables.*.to'"
                                .formatted(source, history));
            }
            if (dialect.columns(connection, history).isEmpty()) {
                createSchema(connection);
                create(connection, history, columns, definitions(OF_HISTORY), null);
            }
            kept = dialect.columns(connection, history);
        }
        if (found.isEmpty()) {
            if (!isFilledAnew
                    && ledger.shown(connection, mirror).values().stream().anyMatch(end -> end > 0)) {
                throw WarehouseConflictException.ofLostMirror(
                        "%s is gone, and the ledger says how far it came: './tributary repair --table %s' makes it again, with the job's rows"
                                .formatted(mirror, source));
            }
            known = known == null || known;
            ledger.register(connection, mirror, source, true);
            createSchema(connection);
            List<String> more = new ArrayList<>(definitions(OF_MIRROR));
            if (!schema.hasKey()) {
                more.add(definition(SEQ));
            }
            create(connection, mirror, columns, more, schema);
            LOG.info("made {} for {}", mirror, source);
            found = dialect.columns(connection, mirror);
        } else if (known == null || !known) {
            check(found, columns, schema);
            known = false;
            ledger.register(connection, mirror, source, false);
        }
        this.own = known;
        if (dialect.columns(connection, stage).isEmpty()) {
            create(connection, stage, columns, definitions(OF_STAGE), null);
        }
        staged = dialect.columns(connection, stage);
        there = found;
    }

    private void createSchema(Connection connection) throws SQLException {
        if (!mirror.schema().isEmpty()) {
            try {
                Session.define(connection, dialect, "CREATE SCHEMA IF NOT EXISTS " + dialect.quoted(mirror.schema()));
            } catch (SQLException e) {
                LOG.debug("cannot make the schema {}: it may be there", mirror.schema(), e);
            }
        }
    }

    private void create(
            Connection connection,
            TableName table,
            Map<String, Column> columns,
            List<String> more,
            @Nullable TableSchema keyed)
            throws SQLException {
        List<String> definitions = new ArrayList<>();
        columns.forEach((name, column) -> definitions.add(dialect.quoted(name) + " " + dialect.type(column.type())));
        definitions.addAll(more);
        if (keyed != null && keyed.hasKey() && keyed.key().size() <= dialect.largestPrimaryKey()) {
            definitions.add("PRIMARY KEY ("
                    + String.join(
                            ", ",
                            keyed.keyNames().stream()
                                    .map(this::nameOf)
                                    .map(dialect::quoted)
                                    .toList())
                    + ")");
        }
        Session.define(
                connection,
                dialect,
                "CREATE TABLE IF NOT EXISTS " + dialect.quoted(table) + " (" + String.join(", ", definitions) + ")");
    }

    private List<String> definitions(List<String> names) {
        return names.stream().map(this::definition).toList();
    }

    private String definition(String name) {
        ColumnType type =
                switch (name) {
                    case SEQ, "cdc_offset" -> ColumnType.INT64;
                    case "cdc_partition" -> ColumnType.INT32;
                    case "cdc_effect" -> ColumnType.INT16;
                    case "cdc_timestamp" -> ColumnType.TIMESTAMPTZ;
                    case "cdc_deleted" -> ColumnType.BOOLEAN;
                    default -> ColumnType.TEXT;
                };
        return dialect.quoted(dialect.own(name)) + " " + dialect.type(type);
    }

    /** A table that the user made must have what rows need; it is not altered, unless that is allowed. */
    private void check(Map<String, String> found, Map<String, Column> columns, TableSchema schema)
            throws WarehouseConflictException {
        List<String> missing = new ArrayList<>();
        for (String name : OF_MIRROR) {
            if (!found.containsKey(dialect.own(name))) {
                missing.add(dialect.own(name));
            }
        }
        if (!schema.hasKey() && !found.containsKey(dialect.own(SEQ))) {
            missing.add(dialect.own(SEQ));
        }
        if (!settings.alter()) {
            for (String name : columns.keySet()) {
                if (!found.containsKey(name) && settings.changes().of(source) != SchemaChanges.IGNORE) {
                    missing.add(name);
                }
            }
        }
        if (!missing.isEmpty()) {
            throw lacking(missing);
        }
    }

    /** Refuses a column of the user's that would take other values than the source has, without a word. */
    private void checkExact(String name, String type, Column column) throws WarehouseConflictException {
        ColumnType held = dialect.held(type);
        if (held != null && rounds(held, column.type())) {
            throw new WarehouseConflictException(
                    "%s is there and was not made by Tributary, and its column '%s' of type %s would round what the source has as %s: give it the type %s, or the source's another with 'tables.*.types'"
                            .formatted(mirror, name, type, column.type(), dialect.type(column.type())));
        }
    }

    /** Whether a column of a type takes values of another and changes them, where it does not refuse those that it cannot hold. */
    private static boolean rounds(ColumnType held, ColumnType source) {
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

    private WarehouseConflictException lacking(List<String> missing) {
        return WarehouseConflictException.ofOneMirror(
                "%s is there and was not made by Tributary, and lacks %s: add them, or drop the table, or give the mirror another name with 'tables.*.to'"
                        .formatted(mirror, missing));
    }

    private void bring(
            Connection connection,
            TableName table,
            Map<String, String> types,
            String name,
            Column column,
            boolean isMirror)
            throws SQLException, WarehouseConflictException {
        if (holds(types.get(name), column) && narrow(types, name) == null) {
            return;
        }
        read(connection, table, types); // another writer may have been here
        endWidening(connection, table, types, name, column);
        String type = types.get(name);
        if (holds(type, column)) {
            return;
        }
        refuse(column, type, isMirror);
        String quoted = dialect.quoted(table);
        ColumnType held = type == null ? null : dialect.held(type);
        if (type == null || held == null) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + quoted + " ADD COLUMN IF NOT EXISTS " + dialect.quoted(name) + " "
                            + dialect.type(column.type()));
        } else {
            ColumnType wide = held.join(column.type());
            if (table.equals(history)) {
                versions.drop(connection); // it comes again when the columns are there
            }
            LOG.info("{}: {} becomes {} to hold what the source has", table, name, wide);
            for (String statement : dialect.widen(quoted, name, type, dialect.type(wide))) {
                Session.define(connection, dialect, statement);
            }
        }
        read(connection, table, types);
    }

    private void read(Connection connection, TableName table, Map<String, String> types) throws SQLException {
        types.clear();
        types.putAll(dialect.columns(connection, table));
    }

    /** The type of the column that a widening has left in the place of one; null if none has. */
    private @Nullable ColumnType narrow(Map<String, String> types, String name) {
        String narrow = dialect.narrow(name);
        String type = narrow == null ? null : types.get(narrow);
        return type == null ? null : dialect.held(type);
    }

    /** Brings a widening that was cut off to its end. */
    private void endWidening(
            Connection connection, TableName table, Map<String, String> types, String name, Column column)
            throws SQLException {
        ColumnType narrow = narrow(types, name);
        if (narrow == null) {
            return;
        }
        String begun = types.get(name);
        String wide = begun == null ? dialect.type(narrow.join(column.type())) : begun;
        for (String statement : dialect.widened(dialect.quoted(table), name, wide)) {
            Session.define(connection, dialect, statement);
        }
        read(connection, table, types);
    }

    /** Whether a column of the type holds what the source has; one of a type that only the user knows does, by a cast. */
    private boolean holds(@Nullable String type, Column column) {
        ColumnType held = type == null ? null : dialect.held(type);
        return type != null && (held == null || held.join(column.type()).equals(held));
    }

    private void refuse(Column column, @Nullable String there, boolean isMirror) throws WarehouseConflictException {
        if (isMirror && settings.changes().of(source) == SchemaChanges.FAIL) {
            throw new WarehouseConflictException(
                    ("%s: the source has the column '%s' of type %s, %s, and 'schema-changes' is fail; set it to evolve or ignore and"
                                    + " go on from the last checkpoint")
                            .formatted(
                                    mirror,
                                    column.name(),
                                    column.type(),
                                    there == null ? "which the mirror has not" : "which the mirror has as " + there));
        }
    }

    /** Forgets what is known of the mirror: another may have altered it. */
    void forget() {
        there = new HashMap<>();
    }

    /** All of its rows come: it may be made again, if it is gone. */
    void fillAnew() {
        isFilledAnew = true;
        forget();
        forgetStage();
    }

    /** Forgets what is known of the staging table. */
    void forgetStage() {
        staged = new HashMap<>();
    }
}
