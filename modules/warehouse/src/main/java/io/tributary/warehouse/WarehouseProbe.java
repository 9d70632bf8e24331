package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;

/** Asks the warehouse, before a job starts, whether it can be written and how far its mirrors come. */
public final class WarehouseProbe implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final Session session;
    private final Ledger ledger;

    public WarehouseProbe(WarehouseSettings settings) {
        this.settings = settings;
        this.dialect = Dialect.of(settings.connection().getDbURL());
        this.session = new Session(settings, dialect, PATIENCE_MILLIS);
        this.ledger = new Ledger(dialect, settings.ledger());
    }

    /** What can be done about a failure; empty where that is not known. */
    public String advice(SQLException failure) {
        return dialect.advice(failure, settings);
    }

    /** Logs in. */
    public void connect() throws SQLException {
        var unused = session.connection();
    }

    /** Makes the ledger, unless it is there. */
    public void prepare() throws SQLException {
        ledger.create(session.connection());
    }

    /** Makes the ledger, and beside it a table that goes again, with a row that is rolled back. */
    public void check() throws SQLException {
        Connection connection = session.connection();
        ledger.create(connection);
        String table = dialect.quoted(new TableName(
                settings.ledger(),
                dialect.own("cdc_check_" + UUID.randomUUID().toString().replace("-", ""))));
        Session.execute(connection, "CREATE TABLE " + table + " (a " + dialect.type(ColumnType.INT32) + ")");
        connection.setAutoCommit(false);
        Session.execute(connection, "INSERT INTO " + table + " VALUES (1)");
        connection.rollback();
        connection.setAutoCommit(true);
        Session.execute(connection, "DROP TABLE " + table);
    }

    /** The next offset of each partition that each mirror needs, by table of the source. */
    public Map<String, Map<TopicPartition, Long>> fences() throws SQLException {
        return byPartition(ledger.fences(session.connection()));
    }

    /** How far each mirror comes, by table of the source. */
    public Map<String, Reached> reached() throws SQLException {
        Map<String, Map<String, String>> topicIds = ledger.topicIds(session.connection());
        Map<String, Reached> reached = new HashMap<>();
        ledger.fences(session.connection())
                .forEach(
                        (table, next) -> reached.put(table, new Reached(next, topicIds.getOrDefault(table, Map.of()))));
        // a mirror whose place the ledger has lost is there all the same
        ledger.repairs(session.connection())
                .keySet()
                .forEach(table -> reached.putIfAbsent(table, new Reached(Map.of(), Map.of())));
        return reached;
    }

    /** What statements of the job wait for, as nobody else does, in a line each. */
    public List<String> blocked() throws SQLException {
        if (dialect.blockers().isEmpty()) {
            return List.of();
        }
        return Session.query(session.connection(), dialect.blockers()).stream()
                .map(row ->
                        "a statement (%s …) has been waiting %s s for a lock that session %s holds, of user %s, program '%s'"
                                .formatted(row.get(0), row.get(4), row.get(1), row.get(2), row.get(3)))
                .toList();
    }

    /** How often each mirror was filled with the job's rows, by table of the source. */
    public Map<String, Long> repairs() throws SQLException {
        ledger.create(session.connection());
        return ledger.repairs(session.connection());
    }

    /** The tables of the source whose mirrors need repair. */
    public List<String> broken() throws SQLException {
        ledger.create(session.connection());
        return ledger.broken(session.connection());
    }

    /** Why mirrors stand still, by table of the source. */
    public Map<String, String> asides() throws SQLException {
        return ledger.asides(session.connection());
    }

    /** The next offset of each partition that each mirror does not show, by table of the source. */
    public Map<String, Map<TopicPartition, Long>> shown() throws SQLException {
        return byPartition(ledger.shown(session.connection()));
    }

    private static Map<String, Map<TopicPartition, Long>> byPartition(Map<String, Map<SourcePartition, Long>> ends) {
        Map<String, Map<TopicPartition, Long>> all = new HashMap<>();
        ends.forEach((table, offsets) -> {
            Map<TopicPartition, Long> byPartition = new HashMap<>();
            offsets.forEach((partition, next) -> byPartition.put(partition(partition), next));
            all.put(table, byPartition);
        });
        return all;
    }

    private static TopicPartition partition(SourcePartition partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    @Override
    public void close() {
        session.close();
    }
}
