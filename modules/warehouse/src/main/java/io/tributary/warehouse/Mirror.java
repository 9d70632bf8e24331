package io.tributary.warehouse;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
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

    private final Dialect dialect;
    private final WarehouseSettings settings;
    private final Ledger ledger;
    private final TableName source;
    private final TableName mirror;
    private final WarehouseTable there;
    private final WarehouseTable staged;
    private final @Nullable WarehouseTable kept;
    private final Versions versions;
    private final LostLedger lost;
    private boolean own = true;
    private boolean isFilledAnew;

    Mirror(Dialect dialect, WarehouseSettings settings, Ledger ledger, TableName source) {
        this.dialect = dialect;
        this.settings = settings;
        this.ledger = ledger;
        this.source = source;
        TableName wanted = allowed(settings.names().of(source));
        int longest = dialect.longestName();
        this.mirror = new TableName(Names.within(wanted.schema(), longest), Names.within(wanted.table(), longest));
        this.there = new WarehouseTable(dialect, mirror);
        this.staged = new WarehouseTable(dialect, ledger.staging(mirror));
        this.kept =
                settings.hasHistory(source) ? new WarehouseTable(dialect, OwnColumns.history(dialect, mirror)) : null;
        this.versions = new Versions(dialect, mirror);
        this.lost = new LostLedger(dialect, ledger, mirror, kept);
    }

    /** The name, or another where the warehouse keeps a schema to itself, or we a table. */
    private TableName allowed(TableName name) {
        boolean isOurs = name.schema().equals(settings.ledger())
                && name.table().toLowerCase(Locale.ROOT).startsWith("cdc_");
        return new TableName(
                dialect.isReservedSchema(name.schema()) ? dialect.own("cdc_") + name.schema() : name.schema(),
                isOurs ? name.table() + "_" : name.table());
    }

    TableName name() {
        return mirror;
    }

    TableName source() {
        return source;
    }

    TableName stage() {
        return staged.name();
    }

    /** The columns that staged rows have values for, ours before the others, with their types. */
    Map<String, String> staged(List<String> columns) {
        Map<String, String> types = new LinkedHashMap<>();
        OwnColumns.OF_STAGE.forEach(name -> types.put(dialect.own(name), typeOf(dialect.own(name))));
        columns.forEach(name -> types.put(name, typeOf(name)));
        return types;
    }

    private String typeOf(String name) {
        String type = staged.type(name);
        if (type == null) {
            throw new IllegalStateException(staged.name() + " has no column " + name);
        }
        return type;
    }

    Deletes deletes() {
        return settings.deletes().of(source);
    }

    boolean hasHistory() {
        return kept != null;
    }

    /** What is known of it where the ledger was lost. */
    LostLedger lost() {
        return lost;
    }

    /**
     * Makes the staging table have what rows of a schema need: there they wait, even where the mirror cannot be made.
     *
     * @return the names of the schema's columns there
     */
    List<@Nullable String> stage(Connection connection, TableSchema schema)
            throws SQLException, WarehouseConflictException {
        Map<String, Column> columns = columns(schema);
        if (!staged.isKnown()) {
            if (ledger.isOwn(connection, mirror, source) == null) {
                // made by us if it is not there yet: whoever makes one has made it known before
                ledger.register(
                        connection,
                        mirror,
                        source,
                        dialect.columns(connection, mirror).isEmpty());
            }
            make(connection, staged, columns, OwnColumns.OF_STAGE);
        }
        for (Map.Entry<String, Column> entry : columns.entrySet()) {
            staged.bring(connection, entry.getKey(), entry.getValue(), WarehouseTable.Before.NOTHING);
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
            there.read(connection); // the user may have altered it
        }
        boolean mayAlter = own || settings.alter();
        List<@Nullable String> names = new ArrayList<>();
        for (Map.Entry<String, Column> entry : columns.entrySet()) {
            String name = entry.getKey();
            String type = there.type(name);
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
                    there.bring(connection, name, entry.getValue(), new OfMirror());
                }
                staged.bring(connection, name, entry.getValue(), WarehouseTable.Before.NOTHING);
                if (kept != null) {
                    kept.bring(connection, name, entry.getValue(), new OfHistory());
                }
            }
        }
        List<String> key = schema.keyNames().stream().map(this::nameOf).toList();
        rekey(connection, schema, key);
        if (kept != null) {
            versions.bring(connection, kept.columns(), key);
        }
        return names;
    }

    private void rekey(Connection connection, TableSchema schema, List<String> key)
            throws SQLException, WarehouseConflictException {
        if (own) {
            dialect.rekey(connection, mirror, key);
        }
        String seq = dialect.own(OwnColumns.SEQ);
        if (schema.hasKey() || there.has(seq)) {
            return;
        }
        if (!own && !settings.alter()) {
            throw lacking(List.of(seq));
        }
        there.add(connection, WarehouseTable.definition(dialect, OwnColumns.SEQ));
        there.read(connection);
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
        boolean isTaken = OwnColumns.OF_STAGE.contains(folded)
                || OwnColumns.OF_MIRROR.contains(folded)
                || dialect.isReservedColumn(name);
        if (isTaken || name.isEmpty()) {
            name += "_"; // ours has the name, or one of the warehouse's; and one without letters is none
        }
        return Names.within(name, dialect.longestName());
    }

    /** Finds out what is there, and makes what is not. */
    private void look(Connection connection, TableSchema schema, Map<String, Column> columns)
            throws SQLException, WarehouseConflictException {
        if (there.isKnown()) {
            return;
        }
        // whoever makes a mirror has made it known before: what is there and not known is of the user
        Map<String, String> found = there.look(connection);
        Boolean known = ledger.isOwn(connection, mirror, source);
        if (kept != null) {
            if (ledger.isKnown(connection, kept.name())) {
                throw WarehouseConflictException.ofOneMirror(
                        "the history of %s would be in %s, which is a mirror: give one of them another name with 'tables.*.to'"
                                .formatted(source, kept.name()));
            }
            if (kept.look(connection).isEmpty()) {
                createSchema(connection);
            }
            make(connection, kept, columns, OwnColumns.OF_HISTORY);
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
            List<String> more = new ArrayList<>(WarehouseTable.definitions(dialect, OwnColumns.OF_MIRROR));
            if (!schema.hasKey()) {
                more.add(WarehouseTable.definition(dialect, OwnColumns.SEQ));
            }
            there.create(
                    connection,
                    columns,
                    more,
                    schema.keyNames().stream().map(this::nameOf).toList());
            LOG.info("made {} for {}", mirror, source);
            found = there.look(connection);
        } else if (known == null || !known) {
            check(found, columns, schema);
            known = false;
            ledger.register(connection, mirror, source, false);
        }
        this.own = known;
        make(connection, staged, columns, OwnColumns.OF_STAGE);
        there.take(found);
    }

    /** Makes a table that has columns of ours beside the source's, if it is not there. */
    private void make(Connection connection, WarehouseTable table, Map<String, Column> columns, List<String> ours)
            throws SQLException {
        table.read(connection);
        if (!table.isKnown()) {
            table.create(connection, columns, WarehouseTable.definitions(dialect, ours), List.of());
            table.read(connection);
        }
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

    /** A table that the user made must have what rows need; it is not altered, unless that is allowed. */
    private void check(Map<String, String> found, Map<String, Column> columns, TableSchema schema)
            throws WarehouseConflictException {
        List<String> missing = new ArrayList<>();
        for (String name : OwnColumns.OF_MIRROR) {
            if (!found.containsKey(dialect.own(name))) {
                missing.add(dialect.own(name));
            }
        }
        if (!schema.hasKey() && !found.containsKey(dialect.own(OwnColumns.SEQ))) {
            missing.add(dialect.own(OwnColumns.SEQ));
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
        if (held != null && WarehouseTable.rounds(held, column.type())) {
            throw new WarehouseConflictException(
                    "%s is there and was not made by Tributary, and its column '%s' of type %s would round what the source has as %s: give it the type %s, or the source's another with 'tables.*.types'"
                            .formatted(mirror, name, type, column.type(), dialect.type(column.type())));
        }
    }

    private WarehouseConflictException lacking(List<String> missing) {
        return WarehouseConflictException.ofOneMirror(
                "%s is there and was not made by Tributary, and lacks %s: add them, or drop the table, or give the mirror another name with 'tables.*.to'"
                        .formatted(mirror, missing));
    }

    private final class OfMirror implements WarehouseTable.Before {
        @Override
        public void change(Column column, @Nullable String type) throws WarehouseConflictException {
            refuse(column, type);
        }
    }

    private final class OfHistory implements WarehouseTable.Before {
        @Override
        public void widen(Connection connection) throws SQLException, WarehouseConflictException {
            versions.drop(connection); // it comes again when the columns are there
        }
    }

    private void refuse(Column column, @Nullable String type) throws WarehouseConflictException {
        if (settings.changes().of(source) == SchemaChanges.FAIL) {
            throw new WarehouseConflictException(
                    ("%s: the source has the column '%s' of type %s, %s, and 'schema-changes' is fail; set it to evolve or ignore and"
                                    + " go on from the last checkpoint")
                            .formatted(
                                    mirror,
                                    column.name(),
                                    column.type(),
                                    type == null ? "which the mirror has not" : "which the mirror has as " + type));
        }
    }

    /** Forgets what is known of the mirror: another may have altered it. */
    void forget() {
        there.forget();
    }

    /** All of its rows come: it may be made again, if it is gone. */
    void fillAnew() {
        isFilledAnew = true;
        forget();
        forgetStage();
    }

    /** Forgets what is known of the staging table. */
    void forgetStage() {
        staged.forget();
    }
}
