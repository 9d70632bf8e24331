package io.tributary.warehouse;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.OffsetRange;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
 */
final class Ledger {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Dialect dialect;
    private final String schema;
    private final String mirrors;
    private final String offsets;
    private final String staged;
    private final String writers;
    private final String gaps;

    Ledger(Dialect dialect, String schema) {
        this.dialect = dialect;
        this.schema = schema;
        this.mirrors = table("cdc_mirrors");
        this.offsets = table("cdc_offsets");
        this.staged = table("cdc_staged");
        this.writers = table("cdc_writers");
        this.gaps = table("cdc_gaps");
    }

    private String table(String name) {
        return dialect.quoted(new TableName(schema, dialect.own(name)));
    }

    /** Where the rows of a mirror wait. */
    TableName staging(TableName mirror) {
        String name = mirror.toString().replaceAll("[^A-Za-z0-9]", "_");
        String begin = name.substring(0, Math.min(name.length(), 40));
        return new TableName(schema, dialect.own("cdc_stage_" + begin + "_" + Names.hash(id(mirror))));
    }

    private String id(TableName mirror) {
        return dialect.quoted(mirror);
    }

    private boolean isThere(Connection connection, String name) throws SQLException {
        return !dialect.columns(connection, new TableName(schema, dialect.own(name)))
                .isEmpty();
    }

    /** Makes the ledger, unless it is there; whether it did. */
    boolean create(Connection connection) throws SQLException {
        if (isThere(connection, "cdc_writers")) {
            return bring(connection);
        }
        return restore(connection);
    }

    /**
     * Makes the ledger again where it is gone, or one of its tables. What is left says nothing of positions that can be relied on: every
     * mirror that it knows is marked for repair, and it is emptied. Which mirrors are ours is kept, and so are the numbers of writers, or
     * those of rows that are staged would come again.
     *
     * @return whether something was gone
     */
    boolean restore(Connection connection) throws SQLException {
        Map<String, String> gone = definitions();
        List<String> there = new ArrayList<>();
        for (String name : List.copyOf(gone.keySet())) {
            if (isThere(connection, name)) {
                there.add(name);
                gone.remove(name);
            }
        }
        if (there.isEmpty()) {
            define(connection, gone);
            return true;
        }
        if (gone.isEmpty()) {
            boolean isWhole = isThere(connection, "cdc_gaps");
            if (!isWhole) {
                Session.define(connection, dialect, gapsTable());
            }
            return !isWhole;
        }
        // where DDL is no part of a transaction, a table stays gone until the rest is emptied: whoever dies before does
        // it again
        if (there.contains("cdc_mirrors")) {
            bringMirrors(connection, dialect.columns(connection, new TableName(schema, dialect.own("cdc_mirrors"))));
        }
        boolean isOne =
                connection.getAutoCommit() && !dialect.transaction(false).isEmpty();
        if (isOne) {
            Session.begin(connection, dialect, false);
        }
        try {
            for (Map.Entry<String, String> table :
                    gone.entrySet()) { // one that is there, and not to be seen, ends it here
                Session.define(connection, dialect, "CREATE TABLE " + table(table.getKey()) + table.getValue());
                Session.define(connection, dialect, "DROP TABLE " + table(table.getKey()));
            }
            if (there.contains("cdc_mirrors")) {
                long unused = Session.update(
                        connection,
                        "UPDATE " + mirrors + " SET needs_repair = TRUE, set_aside = COALESCE(set_aside, ?)",
                        "the ledger has lost " + String.join(" and ", gone.keySet())
                                + ", and so how far the mirror had come");
            }
            for (String name : List.of("cdc_offsets", "cdc_staged")) {
                if (there.contains(name)) {
                    long unused = Session.update(connection, "DELETE FROM " + table(name));
                }
            }
            for (Map.Entry<String, String> table : gone.entrySet()) {
                Session.define(connection, dialect, "CREATE TABLE " + table(table.getKey()) + table.getValue());
            }
            if (isOne) {
                connection.commit();
            }
        } catch (SQLException e) {
            if (isOne) {
                connection.rollback();
            }
            throw e;
        } finally {
            if (isOne) {
                connection.setAutoCommit(true);
            }
        }
        return true;
    }

    /** By its name, what each table is; of {@code cdc_gaps}, which may come later, see {@link #bring}. */
    private Map<String, String> definitions() {
        String text = dialect.type(ColumnType.TEXT);
        String number = dialect.type(ColumnType.INT64);
        String time = dialect.type(ColumnType.TIMESTAMPTZ);
        Map<String, String> all = new LinkedHashMap<>();
        all.put(
                "cdc_mirrors",
                " (mirror " + text + " PRIMARY KEY, source " + text + ", made_by_tributary boolean, commits " + number
                        + ", row_count " + number + ", applied_at " + time + ", set_aside " + text
                        + ", needs_repair boolean, repairs " + number + ")");
        all.put(
                "cdc_offsets",
                " (mirror " + text + ", topic " + text + ", kafka_partition " + number + ", staged " + number
                        + ", applied " + number + ", topic_id " + text
                        + ", PRIMARY KEY (mirror, topic, kafka_partition))");
        all.put(
                "cdc_staged",
                " (mirror " + text + ", first_seq " + number + ", batch " + text
                        + ", PRIMARY KEY (mirror, first_seq))");
        // the last, as it says that all are there; with its row, which two that start at once would both insert
        all.put("cdc_writers", " AS SELECT 0 AS id, CAST(0 AS " + number + ") AS number");
        return all;
    }

    private void define(Connection connection, Map<String, String> tables) throws SQLException {
        SQLException noSchema = null;
        try {
            Session.define(connection, dialect, "CREATE SCHEMA IF NOT EXISTS " + dialect.quoted(schema));
        } catch (SQLException e) {
            noSchema = e; // it may be there, and the user not allowed to make one
        }
        try {
            Session.define(connection, dialect, gapsTable());
            for (Map.Entry<String, String> table : tables.entrySet()) {
                Session.define(
                        connection, dialect, "CREATE TABLE IF NOT EXISTS " + table(table.getKey()) + table.getValue());
            }
        } catch (SQLException e) {
            throw noSchema == null ? e : noSchema;
        }
    }

    private String gapsTable() {
        String text = dialect.type(ColumnType.TEXT);
        String number = dialect.type(ColumnType.INT64);
        return "CREATE TABLE IF NOT EXISTS " + gaps + " (mirror " + text + ", topic " + text + ", kafka_partition "
                + number + ", first_lost " + number + ", next_there " + number + ", noted_at "
                + dialect.type(ColumnType.TIMESTAMPTZ) + ")";
    }

    /** Takes note of changes that the history of a mirror never gets: they are between what it has and what comes next. */
    void gaps(
            Connection connection,
            TableName mirror,
            Map<SourcePartition, Long> fences,
            Map<SourcePartition, OffsetRange> reached)
            throws SQLException {
        for (Map.Entry<SourcePartition, OffsetRange> range : reached.entrySet()) {
            long fence = fences.getOrDefault(range.getKey(), 0L);
            if (range.getValue().from() > fence) {
                Session.update(
                        connection,
                        "INSERT INTO " + gaps + " (mirror, topic, kafka_partition, first_lost, next_there, noted_at)"
                                + " SELECT ?, ?, ?, ?, ?, CURRENT_TIMESTAMP",
                        id(mirror),
                        range.getKey().topic(),
                        range.getKey().partition(),
                        fence,
                        range.getValue().from());
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

    /** Gives a ledger of an earlier version what it lacks; whether tables of it were gone. */
    private boolean bring(Connection connection) throws SQLException {
        Map<String, String> ofMirrors = dialect.columns(connection, new TableName(schema, dialect.own("cdc_mirrors")));
        Map<String, String> ofOffsets = dialect.columns(connection, new TableName(schema, dialect.own("cdc_offsets")));
        if (ofMirrors.isEmpty() || ofOffsets.isEmpty()) {
            return restore(connection);
        }
        bringMirrors(connection, ofMirrors);
        if (!ofOffsets.containsKey(dialect.own("topic_id"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + offsets + " ADD COLUMN IF NOT EXISTS topic_id " + dialect.type(ColumnType.TEXT));
        }
        return false;
    }

    private void bringMirrors(Connection connection, Map<String, String> there) throws SQLException {
        if (!there.containsKey(dialect.own("set_aside")) || !there.containsKey(dialect.own("needs_repair"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + mirrors + " ADD COLUMN IF NOT EXISTS set_aside " + dialect.type(ColumnType.TEXT));
            Session.define(
                    connection, dialect, "ALTER TABLE " + mirrors + " ADD COLUMN IF NOT EXISTS needs_repair boolean");
        }
        if (!there.containsKey(dialect.own("repairs"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + mirrors + " ADD COLUMN IF NOT EXISTS repairs " + dialect.type(ColumnType.INT64));
            Session.define(connection, dialect, gapsTable());
        }
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
        if (isThere(connection, "cdc_writers")) {
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
