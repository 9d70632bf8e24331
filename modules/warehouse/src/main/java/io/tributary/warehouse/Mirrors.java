package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.Outage;
import io.tributary.sink.SinkSteps;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The mirrors of one committer: what its parts share. */
final class Mirrors {
    private static final Logger LOG = LoggerFactory.getLogger(Mirrors.class);

    /** How long an answer may take at most, where the apply has been given up for its time before. */
    static final long LONGEST_PATIENCE_MILLIS = 3_600_000;

    private final WarehouseSettings settings;
    private final Dialect dialect;
    private final String replays;
    private final SinkSteps steps;
    private final Pace pace;
    private final MetricGroup metrics;
    private final Ledger ledger;
    private final Outage outage;
    private final Map<TableName, MirrorProgress> progress = new ConcurrentHashMap<>();
    private final List<Session> sessions = new ArrayList<>();
    private final ThreadLocal<Session> session = ThreadLocal.withInitial(this::open);

    /**
     * What makes a commit a large one, and how it is known what is due.
     *
     * @param largeRows so many are looked through once, into a temporary table, and taken out of the staging table after the
     *     commit, not within it: nobody is to wait for that
     * @param slowMillis where it takes longer to apply, the mirror then rests as long: what comes meanwhile is applied at once,
     *     which, where keys come again, takes little more, and most checkpoints do not wait for it
     * @param lookMillis how often it is looked whether something is due
     * @param asideMillis how often it is tried to apply what a mirror that is set aside has staged
     * @param proveMillis how often it is looked whether mirrors still are where they were brought
     * @param clock milliseconds since 1970
     */
    record Pace(
            long largeRows, long slowMillis, long lookMillis, long asideMillis, long proveMillis, LongSupplier clock) {
        static final Pace DEFAULT = new Pace(10_000, 5000, 1000, 5000, 30_000, System::currentTimeMillis);
    }

    /** @param replays the topic of dead letters that are offered again */
    Mirrors(
            WarehouseSettings settings,
            Dialect dialect,
            String replays,
            SinkSteps steps,
            Pace pace,
            MetricGroup metrics) {
        this.settings = settings;
        this.dialect = dialect;
        this.replays = replays;
        this.steps = steps;
        this.pace = pace;
        this.metrics = metrics;
        this.ledger = new Ledger(dialect, settings.ledger());
        this.outage = new Outage(failure -> dialect.advice(failure, settings));
    }

    WarehouseSettings settings() {
        return settings;
    }

    Dialect dialect() {
        return dialect;
    }

    String replays() {
        return replays;
    }

    SinkSteps steps() {
        return steps;
    }

    Pace pace() {
        return pace;
    }

    Ledger ledger() {
        return ledger;
    }

    Outage outage() {
        return outage;
    }

    /** That of the thread. */
    Session session() {
        return session.get();
    }

    /** Milliseconds since 1970. */
    long now() {
        return pace.clock.getAsLong();
    }

    private Session open() {
        Session opened = new Session(settings, dialect, Session.PATIENCE_MILLIS);
        synchronized (sessions) {
            sessions.add(opened);
        }
        return opened;
    }

    /** Ends what the threads were at. */
    void close(boolean haveEnded) {
        synchronized (sessions) {
            sessions.forEach(haveEnded ? Session::close : Session::abort);
        }
    }

    /** Those that anything was said of. */
    Map<TableName, MirrorProgress> all() {
        return progress;
    }

    MirrorProgress of(TableName mirror) {
        return progress.computeIfAbsent(mirror, each -> new MirrorProgress(each, metrics));
    }

    Standing standing(
            Connection connection,
            TableName mirror,
            Map<SourcePartition, OffsetRange> offsets,
            Ledger.@Nullable Totals totals)
            throws SQLException {
        return Standing.of(ledger, connection, mirror, offsets, totals);
    }

    /** The mirror stands still: what it lacks is nowhere but in the topic. */
    void needRepair(Connection connection, TableName mirror, TableName source, MirrorProgress told, Standing standing)
            throws SQLException {
        String reason = standing.gap();
        if (standing.isBroken() || reason == null) {
            reason = String.valueOf(ledger.aside(connection, mirror)); // the first is what it came by
        } else {
            if (standing.isUnknown()) {
                ledger.register(
                        connection,
                        mirror,
                        source,
                        dialect.columns(connection, mirror).isEmpty());
            }
            ledger.needRepair(connection, mirror, source, reason);
        }
        if (told.lost == null) {
            LOG.error("{} needs repair, and stands still: {}", mirror, Printable.of(reason));
            told.lost = reason;
            told.show(source);
        }
    }

    /** What is attempted, for the log. */
    String bringing() {
        return "bring rows into the mirror at " + settings.place();
    }

    /** Makes the ledger again where it, or a table of it, is gone. */
    boolean isLedgerMade(SQLException failure) throws SQLException {
        if (!dialect.isLasting(failure)) {
            return false; // there may be no connection to ask by
        }
        Connection connection = session().connection();
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return ledger.restore(connection);
    }

    /** What is staged of a mirror waits from now on. */
    void setAside(TableName mirror, TableName source, MirrorProgress told, String reason) {
        LOG.error("{} is set aside, its rows stay staged: {}", mirror, Printable.of(reason));
        told.aside = reason;
        told.show(source);
    }

    /** Takes the key of a mirror of ours off, where that is the matter. */
    boolean isLoosened(TableName mirror, List<StagedRows> parts, SQLException failure)
            throws SQLException, WarehouseConflictException {
        if (!dialect.isLasting(failure)) {
            return false;
        }
        Connection connection = session().connection();
        List<StagedRows> all = new ArrayList<>(ledger.staged(connection, mirror));
        all.addAll(parts);
        if (all.isEmpty()) {
            return false;
        }
        StagedRows newest = StagedParts.newest(all);
        return Boolean.TRUE.equals(ledger.isOwn(connection, mirror, newest.source()))
                && dialect.loosen(connection, mirror, newest.key(), failure);
    }
}
