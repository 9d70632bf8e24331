package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads mirrors, as they are now. */
public final class MirrorReader implements AutoCloseable {
    private static final int FETCH = 1000;

    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final Ledger ledger;
    private final Session session;

    public MirrorReader(WarehouseSettings settings) {
        this(settings, 0);
    }

    /** @param patienceMillis how long one answer may take, in milliseconds; 0 for ever */
    public MirrorReader(WarehouseSettings settings, int patienceMillis) {
        this.settings = settings;
        this.dialect = Dialect.of(settings.connection().getDbURL());
        this.ledger = new Ledger(dialect, settings.ledger());
        this.session = new Session(settings, dialect, patienceMillis);
    }

    /** How far mirrors come: the next offset of each source partition that each does not show, by table of the source. */
    public Map<TableName, Map<SourcePartition, Long>> ends() throws SQLException {
        Map<TableName, Map<SourcePartition, Long>> ends = new TreeMap<>(Comparator.comparing(TableName::toString));
        for (Map.Entry<String, String> known :
                ledger.known(session.connection()).entrySet()) {
            int dot = known.getValue().indexOf('.');
            TableName source = new TableName(
                    known.getValue().substring(0, dot), known.getValue().substring(dot + 1));
            TableName mirror = mirror(source).name();
            if (dialect.quoted(mirror)
                    .equals(known.getKey())) { // another is of another pipeline, or of another name it had
                ends.put(source, ledger.shown(session.connection(), mirror));
            }
        }
        return ends;
    }

    /** Whether the mirror shows all that is staged for it. */
    public boolean isUpToDate(TableName source) throws SQLException {
        TableName mirror = mirror(source).name();
        return ledger.fences(session.connection(), mirror).equals(ledger.shown(session.connection(), mirror));
    }

    /** How many rows the mirror has. */
    public long count(TableName source) throws SQLException {
        String count = "SELECT count(*) FROM " + dialect.quoted(mirror(source).name()) + " WHERE NOT "
                + dialect.quoted(dialect.own("cdc_deleted"));
        try {
            return Long.parseLong(
                    Session.query(session.connection(), count).get(0).get(0));
        } catch (SQLException e) {
            session.drop(); // an answer that comes too late would be taken for the next
            throw e;
        }
    }

    /** What the mirror is called. */
    public TableName mirrorOf(TableName source) {
        return mirror(source).name();
    }

    /** Whether the table is to have a mirror. */
    public boolean wants(TableName source) {
        return settings.hasMirror(source);
    }

    /** Whether there is a mirror of the table. */
    public boolean has(TableName source) throws SQLException {
        return !types(source).isEmpty();
    }

    /** Those of the columns that its mirror has, and their types there. */
    public Map<String, ColumnType> columns(TableName source, Collection<String> columns) throws SQLException {
        Mirror mirror = mirror(source);
        Map<String, String> types = types(source);
        Map<String, ColumnType> present = new HashMap<>();
        for (String column : columns) {
            String type = types.get(mirror.nameOf(column));
            if (type != null) {
                ColumnType held = dialect.held(type);
                present.put(column, held == null ? ColumnType.TEXT : held);
            }
        }
        return present;
    }

    private Map<String, String> types(TableName source) throws SQLException {
        return dialect.columns(session.connection(), mirror(source).name());
    }

    private Mirror mirror(TableName source) {
        return new Mirror(dialect, settings, ledger, source);
    }

    /**
     * Gives all rows that are there, each a map that is used again for the next.
     *
     * @param columns the names that the columns have in the source
     * @param each takes texts by those names: dates are days, timestamps microseconds since 1970, bytes hexadecimal digits
     */
    public void forEach(TableName source, List<String> columns, Consumer<Map<String, @Nullable Object>> each)
            throws SQLException {
        Mirror mirror = mirror(source);
        Map<String, String> types = types(source);
        List<String> present = new ArrayList<>();
        List<String> values = new ArrayList<>();
        for (String column : columns) {
            String name = mirror.nameOf(column);
            if (types.containsKey(name)) {
                ColumnType type = dialect.held(Objects.requireNonNull(types.get(name)));
                present.add(column);
                values.add(dialect.text(dialect.quoted(name), type == null ? ColumnType.TEXT : type));
            }
        }
        String select = "SELECT " + String.join(", ", values) + " FROM " + dialect.quoted(mirror.name()) + " WHERE NOT "
                + dialect.quoted(dialect.own("cdc_deleted"));
        Connection connection = session.connection();
        connection.setAutoCommit(false); // else the driver fetches all rows at once
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            Map<String, @Nullable Object> row = new HashMap<>();
            try (ResultSet rows = statement.executeQuery(select)) {
                while (rows.next()) {
                    for (int i = 0; i < present.size(); i++) {
                        row.put(present.get(i), rows.getString(i + 1));
                    }
                    each.accept(row);
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(true);
        }
    }

    @Override
    public void close() {
        session.close();
    }
}
