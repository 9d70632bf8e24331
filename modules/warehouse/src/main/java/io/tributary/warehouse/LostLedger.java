package io.tributary.warehouse;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How far a mirror comes where the ledger does not say it any more: as far as its history, whose rows are written by the transaction that
 * moves the fences. Whatever else the mirror lacked, what comes next is a gap behind that.
 */
final class LostLedger {
    private static final Logger LOG = LoggerFactory.getLogger(LostLedger.class);

    /** The rows of other mirrors may be of writers that came later. */
    private static final int UNUSED_WRITERS = 1 << 16;

    private final Dialect dialect;
    private final Ledger ledger;
    private final TableName mirror;
    private final @Nullable WarehouseTable history;
    /** Partitions whose fences are known from the history alone: it is yet to be seen that the topic is the same. */
    private final Set<SourcePartition> unproven = new HashSet<>();

    LostLedger(Dialect dialect, Ledger ledger, TableName mirror, @Nullable WarehouseTable history) {
        this.dialect = dialect;
        this.ledger = ledger;
        this.mirror = mirror;
        this.history = history;
    }

    /**
     * The next offset of each source partition that is not staged for good; where the ledger does not know it, from the history, which is
     * noted then.
     *
     * @param replays the topic of dead letters that are offered again: a history says of those where they were first
     */
    Map<SourcePartition, Long> fences(Connection connection, String replays) throws SQLException {
        Map<SourcePartition, Long> fences = ledger.fences(connection, mirror);
        List<String> ours = OwnColumns.OF_HISTORY.stream().map(dialect::own).toList();
        if (!fences.isEmpty()
                || history == null
                || !history.look(connection).keySet().containsAll(ours)
                || ledger.isKnown(connection, history.name())) {
            return fences;
        }
        recover(connection, history.name(), replays);
        Map<SourcePartition, Long> recovered = ledger.fences(connection, mirror);
        if (!recovered.isEmpty()) {
            LOG.warn("the ledger has lost how far {} comes; its history says it: {}", mirror, recovered);
            unproven.addAll(recovered.keySet());
        }
        return recovered;
    }

    private String own(String column) {
        return dialect.quoted(dialect.own(column));
    }

    /** Writers begin with numbers that no row there has. The fences come last, which say that all was done. */
    private void recover(Connection connection, TableName kept, String replays) throws SQLException {
        String writers = ledger.name("cdc_writers");
        String offsets = ledger.name("cdc_offsets");
        String newest = "(SELECT COALESCE(MAX(" + own(OwnColumns.SEQ) + "), 0) FROM " + dialect.quoted(kept) + ")";
        List<List<String>> found = Session.query(connection, "SELECT " + newest);
        long least = (Long.parseLong(found.get(0).get(0)) >> OwnColumns.ROW_BITS) + UNUSED_WRITERS;
        update(connection, "UPDATE " + writers + " SET number = ? WHERE id = 0 AND number < ?", least, least);
        update(
                connection,
                "INSERT INTO " + writers + " (id, number) SELECT 1, 0 WHERE NOT EXISTS (SELECT 1 FROM " + writers
                        + " WHERE id = 1)");
        update(connection, "UPDATE " + writers + " SET number = ? WHERE id = 1 AND number < ?", least, least);
        update(
                connection,
                "UPDATE " + ledger.name("cdc_mirrors")
                        + " SET set_aside = NULL, needs_repair = FALSE WHERE mirror = ? AND set_aside LIKE ?",
                ledger.id(mirror),
                LedgerTables.LOST + "%");
        String partition = dialect.positionPart(own("cdc_position"), 1);
        String offset = dialect.positionPart(own("cdc_position"), 2);
        update(
                connection,
                "INSERT INTO " + offsets + " (mirror, topic, kafka_partition, staged, applied)"
                        + " SELECT ?, h.topic, h.part, h.next, h.next FROM (SELECT " + own("cdc_topic") + " AS topic, "
                        + partition + " AS part, MAX(" + offset + ") + 1 AS next FROM " + dialect.quoted(kept)
                        + " WHERE " + own("cdc_topic") + " <> ? GROUP BY " + own("cdc_topic") + ", " + partition
                        + ") h WHERE NOT EXISTS (SELECT 1 FROM " + offsets
                        + " o WHERE o.mirror = ? AND o.topic = h.topic AND o.kafka_partition = h.part)",
                ledger.id(mirror),
                replays,
                ledger.id(mirror));
    }

    private static void update(Connection connection, String sql, Object... values) throws SQLException {
        long changed = Session.update(connection, sql, values);
        LOG.debug("{} rows: {}", changed, sql);
    }

    /** The number that writers have at least since then: those below may be of rows that are there. */
    long leastWriter(Connection connection) throws SQLException {
        List<List<String>> rows =
                Session.query(connection, "SELECT number FROM " + ledger.name("cdc_writers") + " WHERE id = 1");
        return rows.isEmpty() ? 0 : Long.parseLong(rows.get(0).get(0));
    }

    /** Whether no partition is unproven. */
    boolean isProven() {
        return unproven.isEmpty();
    }

    /** Whether it is yet to be seen that a partition is of the topic that the history is of. */
    boolean isUnproven(SourcePartition partition) {
        return unproven.contains(partition);
    }

    /** Whether the history has a change that comes again; if it does not, the topic is another. */
    boolean proves(Connection connection, SourcePartition partition, long offset, long sequence) throws SQLException {
        String position = partition.partition() + ":" + offset + ":" + sequence;
        boolean isThere = history != null
                && !Session.query(
                                connection,
                                "SELECT 1 FROM " + dialect.quoted(history.name()) + " WHERE " + own("cdc_topic")
                                        + " = ? AND " + own("cdc_position") + " IN (?, ?) LIMIT 1",
                                partition.topic(),
                                position,
                                position + StagedRows.LATE)
                        .isEmpty();
        unproven.remove(partition);
        return isThere;
    }
}
