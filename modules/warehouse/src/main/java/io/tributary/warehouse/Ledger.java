package io.tributary.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.OffsetRange;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the warehouse itself knows of its mirrors: how far each comes, in the transaction that brought it there.
 *
 * <p>{@code cdc_mirrors} has a row for each mirror, which a transaction holds from its beginning: another waits there.
 * {@code cdc_offsets} has the next offset of each source partition: {@code staged} is the fence, {@code applied} what the
 * mirror shows. {@code cdc_staged} has what is staged for good and not applied yet. {@code cdc_writers} counts the writers.
 *
 * <p>One class, since its methods are the statements on these four tables.
 */
final class Ledger {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Dialect dialect;
    private final String schema;
    private final LedgerTables tables;
    private final String mirrors;
    private final String offsets;
    private final String staged;
    private final String writers;
    private final String gaps;

    Ledger(Dialect dialect, String schema) {
        this.dialect = dialect;
        this.schema = schema;
        this.tables = new LedgerTables(dialect, schema);
        this.mirrors = tables.name("cdc_mirrors");
        this.offsets = tables.name("cdc_offsets");
        this.staged = tables.name("cdc_staged");
        this.writers = tables.name("cdc_writers");
        this.gaps = tables.name("cdc_gaps");
    }

    /** Where the rows of a mirror wait. */
    TableName staging(TableName mirror) {
        String name = mirror.toString().replaceAll("[^A-Za-z0-9]", "_");
        String begin = name.substring(0, Math.min(name.length(), 40));
        return new TableName(schema, dialect.own("cdc_stage_" + begin + "_" + Names.hash(id(mirror))));
    }

    /** A table of the ledger, as statements have it. */
    String name(String table) {
        return tables.name(table);
    }

    /** What the ledger calls a mirror. */
    String id(TableName mirror) {
        return dialect.quoted(mirror);
    }

    /** See {@link LedgerTables#create}. */
    boolean create(Connection connection) throws SQLException {
        return tables.create(connection);
    }

    /** See {@link LedgerTables#restore}. */
    boolean restore(Connection connection) throws SQLException {
        return tables.restore(connection);
    }

    /**
     * Takes note of changes that the history of a mirror never gets: they are between what it has and what comes next.
     *
     * @param reached how far the mirror comes then
     * @param letGo of that, what writers have not staged
     */
    void gaps(
            Connection connection,
            TableName mirror,
            Map<SourcePartition, Long> fences,
            Map<SourcePartition, OffsetRange> reached,
            Map<SourcePartition, OffsetRange> letGo)
            throws SQLException {
        for (Map.Entry<SourcePartition, OffsetRange> entry : reached.entrySet()) {
            OffsetRange without = letGo.get(entry.getKey());
            long fence = fences.getOrDefault(entry.getKey(), 0L);
            long next = Math.max(entry.getValue().from(), without == null ? 0 : without.last() + 1);
            boolean isBefore = entry.getValue().from() > fence;
            long first = isBefore || without == null ? fence : Math.max(fence, without.first());
            if (next > fence) {
                Session.update(
                        connection,
                        "INSERT INTO " + gaps + " (mirror, topic, kafka_partition, first_lost, next_there, noted_at)"
                                + " SELECT ?, ?, ?, ?, ?, CURRENT_TIMESTAMP",
                        id(mirror),
                        entry.getKey().topic(),
                        entry.getKey().partition(),
                        first,
                        next);
            }
        }
    }

    /** The tables in the source of the mirrors that need repair. */
    List<String> broken(Connection connection) throws SQLException {
        return Session.query(connection, "SELECT source FROM " + mirrors + " WHERE needs_repair ORDER BY source")
                .stream()
                .map(row -> row.get(0))
                .toList();
    }

    /** How often each mirror was filled with the job's rows, by its table in the source. */
    Map<String, Long> repairs(Connection connection) throws SQLException {
        Map<String, Long> repairs = new TreeMap<>();
        Session.query(connection, "SELECT source, COALESCE(repairs, 0) FROM " + mirrors)
                .forEach(row -> repairs.put(row.get(0), Long.parseLong(row.get(1))));
        return repairs;
    }

    /** Takes note why a mirror stands still, until it has applied what is staged. */
    void setAside(Connection connection, TableName mirror, TableName source, String reason) throws SQLException {
        Session.update(
                connection,
                "UPDATE " + mirrors + " SET set_aside = ? WHERE mirror = ? AND source = ?",
                reason,
                id(mirror),
                source.toString());
    }

    /** Takes note that rows of a mirror are nowhere but in the topic: it stands still until it was filled anew. */
    void needRepair(Connection connection, TableName mirror, TableName source, String reason) throws SQLException {
        Session.update(
                connection,
                "UPDATE " + mirrors + " SET set_aside = ?, needs_repair = TRUE WHERE mirror = ? AND source = ?",
                reason,
                id(mirror),
                source.toString());
    }

    /** Takes note that a mirror has all rows that the job has. */
    void filled(Connection connection, TableName mirror) throws SQLException {
        Session.update(
                connection,
                "UPDATE " + mirrors
                        + " SET set_aside = NULL, needs_repair = FALSE, repairs = COALESCE(repairs, 0) + 1 WHERE mirror = ?",
                id(mirror));
    }

    /** Takes note that a mirror that needed repair goes on where it ends. */
    void repaired(Connection connection, TableName mirror) throws SQLException {
        Session.update(
                connection,
                "UPDATE " + mirrors + " SET set_aside = NULL, needs_repair = FALSE WHERE mirror = ?",
                id(mirror));
    }

    /** Why a mirror stands still, or null. */
    @Nullable
    String aside(Connection connection, TableName mirror) throws SQLException {
        List<List<String>> rows =
                Session.query(connection, "SELECT set_aside FROM " + mirrors + " WHERE mirror = ?", id(mirror));
        return rows.isEmpty() ? null : rows.get(0).get(0);
    }

    /** Why mirrors stand still, by their tables in the source. */
    Map<String, String> asides(Connection connection) throws SQLException {
        Map<String, String> asides = new TreeMap<>();
        Session.query(connection, "SELECT source, set_aside FROM " + mirrors + " WHERE set_aside IS NOT NULL")
                .forEach(row -> asides.put(row.get(0), row.get(1)));
        return asides;
    }

    /** Whether a table is a mirror. */
    boolean isKnown(Connection connection, TableName table) throws SQLException {
        return !Session.query(connection, "SELECT source FROM " + mirrors + " WHERE mirror = ?", id(table))
                .isEmpty();
    }

    /** A statement that writes something, and changes nothing. */
    String touch() {
        return "UPDATE " + writers + " SET number = number WHERE id = 0";
    }

    /** Numbers a writer: each that starts later has a greater one. */
    long nextWriter(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        Session.update(connection, "UPDATE " + writers + " SET number = number + 1 WHERE id = 0");
        long number = Long.parseLong(Session.query(connection, "SELECT number FROM " + writers + " WHERE id = 0")
                .get(0)
                .get(0));
        connection.commit();
        connection.setAutoCommit(true);
        return number;
    }

    /** Whether the mirror was made by us; null if the ledger does not know it. */
    @Nullable
    Boolean isOwn(Connection connection, TableName mirror, TableName source)
            throws SQLException, WarehouseConflictException {
        List<List<String>> rows = Session.query(
                connection, "SELECT source, made_by_tributary FROM " + mirrors + " WHERE mirror = ?", id(mirror));
        if (rows.isEmpty()) {
            return null;
        }
        if (!rows.get(0).get(0).equals(source.toString())) {
            throw WarehouseConflictException.ofOneMirror(
                    "%s and %s would both be mirrored in %s: give one of them another name with 'tables.*.to'"
                            .formatted(rows.get(0).get(0), source, mirror));
        }
        return rows.get(0).get(1).toLowerCase(Locale.ROOT).startsWith("t");
    }

    /** Makes a mirror known. */
    void register(Connection connection, TableName mirror, TableName source, boolean own) throws SQLException {
        Session.update(
                connection,
                "INSERT INTO " + mirrors
                        + " (mirror, source, made_by_tributary, commits, row_count) SELECT ?, ?, ? = 'true', 0, 0 WHERE NOT EXISTS (SELECT 1 FROM "
                        + mirrors + " WHERE mirror = ?)",
                id(mirror),
                source.toString(),
                String.valueOf(own),
                id(mirror));
    }

    /** How often a mirror was ever brought up to date, with how many changes, and whether rows of it are nowhere but in the topic. */
    record Totals(long commits, long rows, boolean needsRepair) {
        Totals repaired() {
            return new Totals(commits, rows, false);
        }

        Totals with(long more) {
            return new Totals(commits + 1, rows + more, needsRepair);
        }
    }

    /** Holds the mirror's row until the transaction ends; null if the mirror is not known. */
    @Nullable
    Totals lock(Connection connection, TableName mirror) throws SQLException {
        Session.update(connection, "UPDATE " + mirrors + " SET commits = commits WHERE mirror = ?", id(mirror));
        List<List<String>> rows = Session.query(
                connection,
                "SELECT commits, row_count, CASE WHEN needs_repair THEN 1 ELSE 0 END FROM " + mirrors
                        + " WHERE mirror = ?",
                id(mirror));
        return rows.isEmpty()
                ? null
                : new Totals(
                        Long.parseLong(rows.get(0).get(0)),
                        Long.parseLong(rows.get(0).get(1)),
                        rows.get(0).get(2).equals("1"));
    }

    /** The next offset of each source partition that is not staged for good. */
    Map<SourcePartition, Long> fences(Connection connection, TableName mirror) throws SQLException {
        return ends(connection, mirror, "staged");
    }

    /** How far a mirror is staged for good, and of which topics it is. */
    Reached reached(Connection connection, TableName mirror) throws SQLException {
        Map<SourcePartition, Long> next = new TreeMap<>();
        Map<String, String> topicIds = new TreeMap<>();
        for (List<String> row : Session.query(
                connection,
                "SELECT topic, kafka_partition, staged, topic_id FROM " + offsets + " WHERE mirror = ?",
                id(mirror))) {
            next.put(new SourcePartition(row.get(0), Integer.parseInt(row.get(1))), Long.parseLong(row.get(2)));
            if (row.get(3) != null) {
                topicIds.put(row.get(0), row.get(3));
            }
        }
        return new Reached(next, topicIds);
    }

    /** The fences of all mirrors, by their tables in the source. */
    Map<String, Map<SourcePartition, Long>> fences(Connection connection) throws SQLException {
        return ends(connection, "staged");
    }

    /** Of which topics all mirrors are, where that is known, by their tables in the source. */
    Map<String, Map<String, String>> topicIds(Connection connection) throws SQLException {
        Map<String, Map<String, String>> ids = new TreeMap<>();
        Session.query(
                        connection,
                        "SELECT m.source, o.topic, o.topic_id FROM " + offsets + " o JOIN " + mirrors
                                + " m ON m.mirror = o.mirror WHERE o.topic_id IS NOT NULL")
                .forEach(row -> ids.computeIfAbsent(row.get(0), source -> new TreeMap<>())
                        .put(row.get(1), row.get(2)));
        return ids;
    }

    /** How far all mirrors show the source, by their tables there. */
    Map<String, Map<SourcePartition, Long>> shown(Connection connection) throws SQLException {
        return ends(connection, "applied");
    }

    private Map<String, Map<SourcePartition, Long>> ends(Connection connection, String column) throws SQLException {
        Map<String, Map<SourcePartition, Long>> ends = new TreeMap<>();
        for (List<String> row : Session.query(
                connection,
                "SELECT m.source, o.topic, o.kafka_partition, o." + column + " FROM " + offsets + " o JOIN " + mirrors
                        + " m ON m.mirror = o.mirror")) {
            ends.computeIfAbsent(row.get(0), source -> new TreeMap<>())
                    .put(new SourcePartition(row.get(1), Integer.parseInt(row.get(2))), Long.parseLong(row.get(3)));
        }
        return ends;
    }

    /** The tables of the source that have a mirror, with its name; none before a job has run. */
    Map<String, String> known(Connection connection) throws SQLException {
        Map<String, String> known = new TreeMap<>();
        if (tables.isThere(connection, "cdc_writers")) {
            for (List<String> row : Session.query(connection, "SELECT mirror, source FROM " + mirrors)) {
                known.put(row.get(0), row.get(1));
            }
        }
        return known;
    }

    /** The next offset of each source partition that the mirror does not show. */
    Map<SourcePartition, Long> shown(Connection connection, TableName mirror) throws SQLException {
        return ends(connection, mirror, "applied");
    }

    private Map<SourcePartition, Long> ends(Connection connection, TableName mirror, String column)
            throws SQLException {
        Map<SourcePartition, Long> ends = new TreeMap<>();
        for (List<String> row : Session.query(
                connection,
                "SELECT topic, kafka_partition, " + column + " FROM " + offsets + " WHERE mirror = ?",
                id(mirror))) {
            ends.put(new SourcePartition(row.get(0), Integer.parseInt(row.get(1))), Long.parseLong(row.get(2)));
        }
        return ends;
    }

    /** Moves the fences of a mirror to the ends of ranges that are staged. */
    void move(Connection connection, TableName mirror, Map<SourcePartition, OffsetRange> ranges) throws SQLException {
        Map<String, String> topicIds = OffsetRange.topicIds(ranges);
        for (Map.Entry<SourcePartition, Long> end : OffsetRange.ends(ranges).entrySet()) {
            SourcePartition partition = end.getKey();
            String topicId = topicIds.get(partition.topic());
            long moved = Session.update(
                    connection,
                    "UPDATE " + offsets + " SET staged = ?, topic_id = COALESCE(topic_id, ?)"
                            + " WHERE mirror = ? AND topic = ? AND kafka_partition = ?",
                    end.getValue(),
                    topicId,
                    id(mirror),
                    partition.topic(),
                    partition.partition());
            if (moved == 0) {
                Session.update(
                        connection,
                        "INSERT INTO " + offsets
                                + " (mirror, topic, kafka_partition, staged, applied, topic_id) SELECT ?, ?, ?, ?, 0, ?",
                        id(mirror),
                        partition.topic(),
                        partition.partition(),
                        end.getValue(),
                        topicId);
            }
        }
    }

    /** Takes note that the mirror shows all that is staged. */
    void applied(Connection connection, TableName mirror, long rows) throws SQLException {
        Session.update(connection, "UPDATE " + offsets + " SET applied = staged WHERE mirror = ?", id(mirror));
        Session.update(connection, "DELETE FROM " + staged + " WHERE mirror = ?", id(mirror));
        Session.update(
                connection,
                "UPDATE " + mirrors
                        + " SET commits = commits + 1, row_count = row_count + ?, applied_at = CURRENT_TIMESTAMP,"
                        + " set_aside = CASE WHEN needs_repair THEN set_aside END WHERE mirror = ?",
                rows,
                id(mirror));
    }

    /** Takes note of what is staged for good, and applied later. */
    void stage(Connection connection, TableName mirror, List<StagedRows> parts) throws SQLException {
        for (StagedRows part : parts) {
            try {
                Session.update(
                        connection,
                        "INSERT INTO " + staged + " (mirror, first_seq, batch) SELECT ?, ?, ?",
                        id(mirror),
                        part.firstSeq(),
                        JSON.writeValueAsString(part));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** What is staged for good and not applied yet. */
    List<StagedRows> staged(Connection connection, TableName mirror) throws SQLException {
        return read(Session.query(
                connection, "SELECT batch FROM " + staged + " WHERE mirror = ? ORDER BY first_seq", id(mirror)));
    }

    /** That of all mirrors. */
    List<StagedRows> staged(Connection connection) throws SQLException {
        return read(Session.query(connection, "SELECT batch FROM " + staged + " ORDER BY first_seq"));
    }

    private static List<StagedRows> read(List<List<String>> rows) {
        List<StagedRows> parts = new ArrayList<>();
        for (List<String> row : rows) {
            try {
                parts.add(JSON.readValue(row.get(0), StagedRows.class));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("the ledger has a batch that cannot be read: " + e.getMessage(), e);
            }
        }
        return parts;
    }
}
