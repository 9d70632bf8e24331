package io.tributary.warehouse;

import io.tributary.change.Change;
import io.tributary.change.Fact;
import io.tributary.change.PartRow;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.ConflictException;
import io.tributary.flow.FencedOffsets;
import io.tributary.flow.LastingException;
import io.tributary.flow.Outage;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts changes into the staging tables of their mirrors, chunk by chunk; what a mirror's fence covers is there already and is
 * left out. Memory holds one chunk of each table.
 *
 * <p>Rows are ordered by {@code cdc_seq}: the number of the writer, which grows with each start, and of the row.
 *
 * <p>One class, since a mirror may have to be given up at every step from a row to a part.
 */
final class WarehouseWriter implements CommittingSinkWriter<Fact, WarehouseCommittable> {

    private static final Logger LOG = LoggerFactory.getLogger(WarehouseWriter.class);
    private static final long AGAIN_NANOS = 5_000_000_000L;

    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final SourcePartition replays;
    private final SinkSteps steps;
    private final Session session;
    private final Outage outage;
    private final Ledger ledger;
    private final Map<TableName, StagingTable> tables = new HashMap<>();
    private final Map<Long, StagingTable> bySchema = new HashMap<>();
    private final Map<Long, StagingTable.Shape> shapes = new HashMap<>();
    /** Tables that have no mirror, and how far their changes come. */
    private final Map<TableName, FencedOffsets> without = new HashMap<>();

    private final int mostRows;
    private final Counter suppressed;
    private final Counter unholdable;
    private final MetricGroup metrics;
    /** For all tables at once. */
    private final Outage.Waiting waiting;
    /** When it was looked last whether mirrors that are set aside can be made. */
    private long triedAt = System.nanoTime();

    /** The connection that loaded the first rows since the last checkpoint, and the server's life then; or empty. */
    private String loadedBy = "";

    private long seq = -1;
    /** Whether no row that is there can be of a later writer, as far as was looked. */
    private boolean isNumbered = true;

    private long lastSchema;
    private @Nullable StagingTable last;

    WarehouseWriter(WarehouseSettings settings, Dialect dialect, String replays, SinkSteps steps, MetricGroup metrics) {
        this.settings = settings;
        this.dialect = dialect;
        this.mostRows = Math.min(settings.execution().getBatchSize(), dialect.mostRows());
        this.replays = new SourcePartition(replays, 0);
        this.steps = steps;
        this.session = new Session(settings, dialect, Session.PATIENCE_MILLIS);
        this.ledger = new Ledger(dialect, settings.ledger());
        this.suppressed = metrics.counter("suppressed");
        this.unholdable = metrics.counter("unholdable");
        this.metrics = metrics;
        this.outage = new Outage(failure -> dialect.advice(failure, settings));
        this.waiting = new Outage.Waiting(settings.ledger());
        waiting.register(metrics, "warehouse-writer", settings.ledger());
    }

    @Override
    public void write(Fact fact, Context context) throws IOException, InterruptedException {
        if (fact instanceof Change change) {
            write(change);
        } else if (fact instanceof PartRow row && settings.hasMirror(row.schema.table())) {
            write(row);
        }
    }

    private void write(Change change) throws IOException, InterruptedException {
        TableSchema schema = change.imageSchema();
        StagingTable table = last;
        if (schema.id() != lastSchema || table == null) {
            if (!settings.hasMirror(schema.table())) {
                // if it is to have one some day, that must not begin in the middle
                without.computeIfAbsent(schema.table(), t -> new FencedOffsets(Map.of(), replays))
                        .add(change, schema);
                return;
            }
            table = table(schema);
            last = table;
            lastSchema = schema.id();
        }
        if (!table.isLacking(change, schema)) {
            if (!table.mirror().lost().isProven()) {
                prove(table, change, schema);
            }
            suppressed.inc();
            table.skip(change, schema);
            return;
        }
        if (table.isClosed()) {
            table.pass(change, schema);
            return;
        }
        if (table.isOther(schema)) {
            load(table);
            StagingTable.Shape shape = table.isClosed() ? null : shape(table, schema);
            if (shape == null) {
                table.pass(change, schema);
                return;
            }
            table.begin(shape);
        }
        try {
            table.add(change, seq++);
        } catch (WarehouseConflictException e) {
            giveUp(table, e);
            return;
        }
        loadIfFull(table);
    }

    /** Where the ledger was lost, what comes again is what the history has; or else the topic is another. */
    private void prove(StagingTable table, Change change, TableSchema schema) throws IOException, InterruptedException {
        SourcePartition partition = new SourcePartition(schema.topic(), change.partition);
        Mirror mirror = table.mirror();
        if (change.replay >= 0 || !mirror.lost().isUnproven(partition)) {
            return;
        }
        boolean isThere = until("look at the history of " + mirror.name(), () -> mirror.lost()
                .proves(session.connection(), partition, change.offset, change.sequence));
        if (!isThere) {
            WarehouseConflictException other = WarehouseConflictException.ofLostMirror(
                    "%s: the ledger was lost, and the history does not have offset %d of %s: the topic was made anew, or the history began later. Restore the ledger, or drop mirror and history and submit afresh, without state"
                            .formatted(mirror.name(), change.offset, partition));
            giveUp(table, other);
            boolean unused = until("note what " + mirror.name() + " lacks", () -> {
                ledger.register(session.connection(), mirror.name(), mirror.source(), false);
                ledger.needRepair(
                        session.connection(), mirror.name(), mirror.source(), String.valueOf(other.getMessage()));
                return true;
            });
        }
    }

    /** Rows that take the place of all that the mirror has: it is looked at anew, as it may have been dropped. */
    private void write(PartRow row) throws IOException, InterruptedException {
        TableSchema schema = row.schema;
        StagingTable table = table(schema);
        if (row.head != null) {
            load(table);
            row.head.schemas().forEach(each -> shapes.remove(each.id()));
            table.mirror().fillAnew();
            table.beginWhole(
                    schema.columns().isEmpty() ? null : shape(table, schema), row.head.parts(), row.head.ends());
            return;
        }
        if (table.isClosed()) {
            return;
        }
        if (table.isOther(schema)) {
            load(table);
            StagingTable.Shape shape = table.isClosed() ? null : shape(table, schema);
            if (shape == null) {
                return;
            }
            table.begin(shape);
        }
        try {
            table.addWhole(row, seq++, System.currentTimeMillis());
        } catch (WarehouseConflictException e) {
            giveUp(table, e);
            return;
        }
        loadIfFull(table);
    }

    private void loadIfFull(StagingTable table) throws IOException, InterruptedException {
        RowText chunk = table.chunk();
        if (chunk.rows() >= mostRows || chunk.size() >= dialect.largestChunk()) {
            load(table);
        }
    }

    private StagingTable table(TableSchema schema) throws IOException, InterruptedException {
        StagingTable table = bySchema.get(schema.id());
        if (table == null) {
            table = tables.get(schema.table());
            if (table == null) {
                table = open(new Mirror(dialect, settings, ledger, schema.table()));
                tables.put(schema.table(), table);
            }
            bySchema.put(schema.id(), table);
        }
        return table;
    }

    private StagingTable open(Mirror mirror) throws IOException, InterruptedException {
        int[] attempts = new int[1];
        Map<SourcePartition, Long> fences = until("read the ledger", () -> {
            Connection connection = session.connection();
            boolean unused = attempts[0]++ == 0 ? ledger.create(connection) : ledger.restore(connection);
            Map<SourcePartition, Long> reached = mirror.lost().fences(connection, replays.topic());
            if (seq < 0) {
                seq = ledger.nextWriter(connection) << OwnColumns.ROW_BITS;
            }
            isNumbered = seq >> OwnColumns.ROW_BITS >= mirror.lost().leastWriter(connection);
            return reached;
        });
        if (!isNumbered) {
            throw new IOException("the ledger was lost, and the rows of " + mirror.name()
                    + " are of writers with greater numbers: the job goes back to its checkpoint, and takes others");
        }
        StagingTable table = new StagingTable(mirror, new FencedOffsets(fences, replays), dialect.rows());
        table.waiting().register(metrics, "warehouse-writer", mirror.source().toString());
        return table;
    }

    /** Rows of a table have no place to wait in: its mirror is marked by the checkpoint that lacks them. All others go on. */
    private void giveUp(StagingTable table, ConflictException e) {
        String reason = String.valueOf(e.getMessage());
        LOG.error("{} is set aside, and needs repair: {}", table.mirror().name(), Printable.of(reason));
        table.close(reason);
    }

    /** Null where its rows cannot even be staged. */
    private StagingTable.@Nullable Shape shape(StagingTable table, TableSchema schema)
            throws IOException, InterruptedException {
        StagingTable.Shape shape = shapes.get(schema.id());
        if (shape == null) {
            Mirror mirror = table.mirror();
            List<@Nullable String> names;
            try {
                names = untilRefused(table, "make or alter the staging table", () -> {
                    try {
                        return mirror.stage(session.connection(), schema);
                    } catch (SQLException e) {
                        mirror.forgetStage(); // another writer may have done the same
                        throw e;
                    }
                });
            } catch (ConflictException e) {
                giveUp(table, e);
                return null;
            }
            try {
                names = untilRefused(table, "make or alter " + mirror.name(), () -> ensure(mirror, schema));
                table.unmade(null);
            } catch (ConflictException e) {
                if (e instanceof WarehouseConflictException conflict && conflict.isLost()) {
                    giveUp(table, e);
                    return null;
                }
                table.unmade(schema);
                setAside(table, String.valueOf(e.getMessage()));
            }
            List<String> key = schema.keyNames().stream().map(mirror::nameOf).toList();
            shape = new StagingTable.Shape(schema, names, key);
            shapes.put(schema.id(), shape);
        }
        return shape;
    }

    private List<@Nullable String> ensure(Mirror mirror, TableSchema schema)
            throws SQLException, WarehouseConflictException {
        try {
            return mirror.ensure(session.connection(), schema);
        } catch (SQLException e) {
            mirror.forget(); // another writer may have done the same
            throw e;
        }
    }

    /** The mirror stands still; what is staged is brought into it as soon as it can be. */
    private void setAside(StagingTable table, String reason) throws IOException, InterruptedException {
        LOG.error("{} is set aside, its rows are staged: {}", table.mirror().name(), Printable.of(reason));
        boolean unused = until("note that " + table.mirror().name() + " is set aside", () -> {
            ledger.setAside(
                    session.connection(), table.mirror().name(), table.mirror().source(), reason);
            return true;
        });
    }

    /** Looks whether what was in the way of mirrors is gone. */
    private void makeAgain() throws IOException, InterruptedException {
        if (System.nanoTime() - triedAt < AGAIN_NANOS) {
            return;
        }
        triedAt = System.nanoTime();
        for (StagingTable table : tables.values()) {
            TableSchema schema = table.unmade();
            if (schema == null || table.isClosed()) {
                continue;
            }
            Mirror mirror = table.mirror();
            try {
                List<@Nullable String> names = ensure(mirror, schema);
                LOG.info("{} can be made or altered again: {} columns", mirror.name(), names.size());
                table.unmade(null);
            } catch (SQLException | WarehouseConflictException e) {
                session.drop();
                LOG.debug("{} stays set aside", mirror.name(), e);
            }
        }
    }

    private void load(StagingTable table) throws IOException, InterruptedException {
        RowText chunk = table.chunk();
        if (chunk.rows() == 0) {
            return;
        }
        try {
            loadChunk(table, chunk);
        } catch (LastingException e) {
            giveUp(table, e);
        }
    }

    private void loadChunk(StagingTable table, RowText chunk) throws IOException, InterruptedException {
        String stage = dialect.quoted(table.mirror().stage());
        int[] attempts = new int[1];
        boolean unusedResult = untilRefused(table, "load rows", () -> {
            Connection connection = session.connection();
            if (attempts[0]++
                    > 0) { // the tables may be others now, or the attempt that failed have come through all the same
                table.mirror().forgetStage();
                var unused = table.mirror().stage(connection, table.schema());
                Session.update(
                        connection,
                        "DELETE FROM " + stage + " WHERE " + dialect.quoted(dialect.own(OwnColumns.SEQ)) + " >= ?"
                                + " AND " + dialect.quoted(dialect.own(OwnColumns.SEQ)) + " < ?",
                        table.chunkSeq(),
                        seq);
            }
            loadedBy = loadedBy.isEmpty() ? life(connection) : loadedBy;
            dialect.load(connection, table.mirror().stage(), table.chunkColumns(), chunk);
            return true;
        });
        unholdable.inc(chunk.unholdable());
        chunk.clear();
        steps.reached(table.mirror().name().toString(), WarehouseStep.LOADED);
    }

    /**
     * The same, but not for ever.
     *
     * @throws LastingException if the warehouse refuses it for good
     * @throws WarehouseConflictException if it is one of this mirror alone
     */
    private <T> T untilRefused(StagingTable table, String what, Outage.Attempt<T> attempt)
            throws IOException, InterruptedException {
        try {
            return outage.until(
                    what + " at " + settings.place(), table.waiting(), session::drop, dialect::isLasting, attempt);
        } catch (WarehouseConflictException e) {
            if (e.isOfOneMirror()) {
                throw e;
            }
            throw new SuppressRestartsException(e);
        }
    }

    private <T> T until(String what, Outage.Attempt<T> attempt) throws IOException, InterruptedException {
        try {
            return outage.until(what + " at " + settings.place(), waiting, session::drop, attempt);
        } catch (WarehouseConflictException e) {
            throw new SuppressRestartsException(e);
        }
    }

    @Override
    public void flush(boolean endOfInput) {
        // rows become visible after a checkpoint, not before
    }

    @Override
    public Collection<WarehouseCommittable> prepareCommit() throws IOException, InterruptedException {
        makeAgain();
        List<StagedRows> staged = new ArrayList<>();
        for (StagingTable table : tables.values()) {
            load(table);
            staged.addAll(table.take());
        }
        List<WarehouseCommittable.Passed> passed = passed();
        if (staged.isEmpty()) {
            return passed.isEmpty() ? List.of() : List.of(new WarehouseCommittable(-1, staged, passed));
        }
        int[] attempts = new int[1];
        boolean isThere = until("make durable what is staged", () -> {
            Connection connection = session.connection();
            if (attempts[0]++ > 0) {
                boolean unused = ledger.restore(connection); // somebody may have dropped it
            }
            dialect.sync(connection, ledger.touch());
            return life(connection).equals(loadedBy) || isThere(connection, staged);
        });
        if (!isThere) {
            throw new IOException(
                    "the warehouse has lost rows that were staged since the last checkpoint, when it went away:"
                            + " they are staged again from there");
        }
        loadedBy = "";
        steps.reached("", WarehouseStep.STAGED);
        return List.of(new WarehouseCommittable(-1, staged, passed));
    }

    /** The changes since the last checkpoint that no mirror gets. */
    private List<WarehouseCommittable.Passed> passed() {
        List<WarehouseCommittable.Passed> all = new ArrayList<>();
        for (StagingTable table : tables.values()) {
            WarehouseCommittable.Passed passed = table.isClosed() ? table.passed() : null;
            if (passed != null) {
                all.add(passed);
            }
            List<StagedRows.Place> skipped = table.skipped();
            if (!skipped.isEmpty()) {
                all.add(new WarehouseCommittable.Passed(table.mirror().source(), skipped, null));
            }
        }
        without.forEach((source, offsets) -> {
            List<StagedRows.Place> places = StagedRows.places(offsets.take());
            if (!places.isEmpty()) {
                all.add(new WarehouseCommittable.Passed(source, places, null));
            }
        });
        return all;
    }

    private String life(Connection connection) throws SQLException {
        return session.number() + " " + dialect.life(connection);
    }

    /** What was loaded on a connection that is gone may have gone with it. */
    private boolean isThere(Connection connection, List<StagedRows> staged) throws SQLException {
        for (StagedRows rows : staged) {
            if (rows.rows() > 0
                    && StagedParts.count(
                                    connection, dialect, dialect.quoted(ledger.staging(rows.mirror())), List.of(rows))
                            != rows.rows()) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        outage.close();
        session.close();
    }
}
