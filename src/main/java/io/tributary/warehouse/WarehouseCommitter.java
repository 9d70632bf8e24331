package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.Printable;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.LastingException;
import io.tributary.flow.MetricName;
import io.tributary.flow.Outage;
import io.tributary.flow.TableCommits;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes checkpoints: for each mirror, one transaction takes its row of the ledger, looks at the fences, applies what is
 * staged and moves the fences. The fences decide: what they cover is there already, by this job or another, and is left
 * alone. A mirror that is fresh enough only gets it noted that the rows are staged for good, and the rows later.
 */
final class WarehouseCommitter implements Committer<WarehouseCommittable> {
    private static final String NOT_FILLED =
            "the job's rows could not be put into it, and changes since the last checkpoint were not staged: './tributary repair' gives them again";

    private static final Logger LOG = LoggerFactory.getLogger(WarehouseCommitter.class);
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

    /** Where keys do not come again, a longer rest would only make the next apply longer. */
    private static final long LONGEST_REST_MILLIS = 30_000;

    /** How long an answer may take at most, where the apply has been given up for its time before. */
    private static final long LONGEST_PATIENCE_MILLIS = 3_600_000;

    private static final long APPLY_AGAIN_MILLIS = 10_000;
    private static final int REFUSALS = 3;
    private static final long CLEAR_AGAIN_MILLIS = 60_000;

    private static final long END_MILLIS = 5000;
    /** Checkpoints do not come to the millisecond. */
    private static final long TOLERANCE_MILLIS = 250;

    private final WarehouseSettings settings;
    private final String replays;
    private final Dialect dialect;
    private final SinkSteps steps;
    private final Pace pace;
    private final MetricGroup metrics;
    private final Ledger ledger;
    private final Outage outage;
    private final Map<TableName, Progress> progress = new ConcurrentHashMap<>();
    private final List<Session> sessions = new ArrayList<>();
    private final ThreadLocal<Session> session = ThreadLocal.withInitial(this::open);
    private final TableCommits commits = new TableCommits("warehouse-commit");
    private final Thread later = new Thread(this::applyWhatIsDue, "warehouse-apply");
    private volatile boolean closed;
    private long proveAgainAt;
    /** Why what is staged of some mirror never will be applied. */
    private volatile @Nullable IOException refused;

    /** @param replays the topic of dead letters that are offered again */
    WarehouseCommitter(
            WarehouseSettings settings,
            Dialect dialect,
            String replays,
            SinkSteps steps,
            Pace pace,
            MetricGroup metrics) {
        this.replays = replays;
        this.settings = settings;
        this.dialect = dialect;
        this.steps = steps;
        this.pace = pace;
        this.metrics = metrics;
        this.ledger = new Ledger(dialect, settings.ledger());
        this.outage = new Outage(failure -> dialect.advice(failure, settings));
        later.setDaemon(true);
        later.start();
    }

    private long now() {
        return pace.clock.getAsLong();
    }

    private Session open() {
        Session opened = new Session(settings, dialect, Session.PATIENCE_MILLIS);
        synchronized (sessions) {
            sessions.add(opened);
        }
        return opened;
    }

    @Override
    public void commit(Collection<CommitRequest<WarehouseCommittable>> requests)
            throws IOException, InterruptedException {
        List<CommitRequest<WarehouseCommittable>> inOrder = new ArrayList<>(requests);
        inOrder.sort(
                Comparator.comparingLong(request -> request.getCommittable().checkpointId()));
        for (CommitRequest<WarehouseCommittable> request : inOrder) {
            commit(request.getCommittable());
        }
    }

    void commit(WarehouseCommittable committable) throws IOException, InterruptedException {
        Map<TableName, List<StagedRows>> byMirror = committable.tables().stream()
                .collect(Collectors.groupingBy(StagedRows::mirror, LinkedHashMap::new, Collectors.toList()));
        IOException refused = this.refused;
        if (refused != null) {
            throw new SuppressRestartsException(refused);
        }
        commits.all(byMirror, this::untilDone);
        Map<TableName, List<WarehouseCommittable.Passed>> passed = committable.passed().stream()
                .filter(each -> settings.hasMirror(each.source()))
                .collect(Collectors.groupingBy(this::mirrorOf));
        commits.all(passed, this::untilProven);
        steps.reached("", WarehouseStep.COMMITTED);
    }

    private TableName mirrorOf(WarehouseCommittable.Passed passed) {
        return new Mirror(dialect, settings, ledger, passed.source()).name();
    }

    /** Looks whether a mirror that gets nothing has what it must have; if not, it is marked. */
    private void untilProven(TableName mirror, List<WarehouseCommittable.Passed> passed)
            throws IOException, InterruptedException {
        Progress told = progress.computeIfAbsent(mirror, this::progress);
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        passed.forEach(each -> StagedRows.Place.addTo(offsets, each.places()));
        String lost = passed.get(0).lost();
        TableName source = passed.get(0).source();
        String what = "read the ledger at " + settings.place();
        boolean unused = outage.until(what, told.waiting, session.get()::drop, () -> {
            try {
                ledger.create(session.get().connection());
                prove(mirror, source, told, offsets, lost);
            } catch (SQLException e) {
                if (!isLedgerMade(e)) {
                    throw e;
                }
                prove(mirror, source, told, offsets, lost);
            }
            return true;
        });
    }

    private void prove(
            TableName mirror,
            TableName source,
            Progress told,
            Map<SourcePartition, OffsetRange> offsets,
            @Nullable String lost)
            throws SQLException {
        Connection connection = session.get().connection();
        Session.begin(connection, dialect, false);
        Ledger.Totals totals = ledger.lock(connection, mirror);
        Standing standing = standing(connection, mirror, offsets, totals);
        // of a checkpoint that is committed again, after the mirror was filled
        boolean isThere = standing.covered() == OffsetRange.Covered.ALL
                && offsets.values().stream().anyMatch(range -> !range.isEmpty());
        if (standing.isBroken() || standing.gap() != null || lost != null && !isThere) {
            needRepair(connection, mirror, source, told, lost == null || isThere ? standing : standing.without(lost));
        } else {
            told.reached = new Reach(source, standing.fences());
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Looks, now and then, whether mirrors still are where they were brought: those too that get nothing. */
    private void proveAll() {
        if (now() < proveAgainAt) {
            return;
        }
        proveAgainAt = now() + pace.proveMillis;
        try {
            ledger.create(session.get().connection());
            Map<String, Map<SourcePartition, Long>> fences =
                    ledger.fences(session.get().connection());
            for (Map.Entry<TableName, Progress> entry : progress.entrySet()) {
                Progress told = entry.getValue();
                Reach reached = told.reached;
                if (reached == null
                        || told.lost != null
                        || !isBehind(fences.getOrDefault(reached.source.toString(), Map.of()), reached.next)
                        || !told.turn.tryLock()) {
                    continue;
                }
                try {
                    Map<SourcePartition, OffsetRange> ranges = new TreeMap<>();
                    reached.next.forEach((partition, next) -> ranges.put(partition, OffsetRange.empty(next)));
                    prove(entry.getKey(), reached.source, told, ranges, null);
                } finally {
                    told.turn.unlock();
                }
            }
        } catch (SQLException e) {
            try {
                if (isLedgerMade(e)) {
                    proveAgainAt = now();
                    return;
                }
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            session.get().drop();
            LOG.debug("cannot look where the mirrors are", e); // who writes says so
        } catch (RuntimeException e) {
            session.get().drop();
            LOG.debug("cannot look where the mirrors are", e);
        }
    }

    private static boolean isBehind(Map<SourcePartition, Long> fences, Map<SourcePartition, Long> reached) {
        return reached.entrySet().stream().anyMatch(next -> fences.getOrDefault(next.getKey(), 0L) < next.getValue());
    }

    /** Where a mirror was brought. */
    private record Reach(TableName source, Map<SourcePartition, Long> next) {}

    /**
     * How a mirror lies to what comes.
     *
     * @param gap what it lacks, or null
     * @param isBroken whether the ledger says already that it lacks something
     * @param isUnknown whether the ledger does not know it
     */
    private record Standing(
            OffsetRange.Covered covered,
            Map<SourcePartition, Long> fences,
            @Nullable String gap,
            boolean isBroken,
            boolean isUnknown) {
        Standing without(String lost) {
            return new Standing(covered, fences, lost, isBroken, isUnknown);
        }
    }

    private Standing standing(
            Connection connection,
            TableName mirror,
            Map<SourcePartition, OffsetRange> offsets,
            Ledger.@Nullable Totals totals)
            throws SQLException {
        Reached reached = ledger.reached(connection, mirror);
        Map<SourcePartition, Long> fences = reached.next();
        OffsetRange.Covered covered = OffsetRange.covered(offsets, fences, reached.topicIds());
        String gap =
                switch (covered) {
                    case GAP -> OffsetRange.lost(offsets, fences);
                    case OTHER_TOPIC -> OffsetRange.others(offsets, reached.topicIds());
                    case NOTHING, ALL, PART -> null;
                };
        return new Standing(covered, fences, gap, totals != null && totals.needsRepair(), totals == null);
    }

    /** The mirror stands still: what it lacks is nowhere but in the topic. */
    private void needRepair(Connection connection, TableName mirror, TableName source, Progress told, Standing standing)
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
            show(source, told);
        }
    }

    private void untilDone(TableName mirror, List<StagedRows> parts) throws IOException, InterruptedException {
        Progress told = progress.computeIfAbsent(mirror, this::progress);
        boolean[] isRefused = new boolean[1];
        Outage.Attempt<Boolean> publishing = () -> {
            // here, where it costs nothing: the warehouse would let one of two wait, or refuse it
            told.turn.lockInterruptibly();
            told.waiting.begins();
            try {
                List<StagedRows> wholes =
                        parts.stream().filter(part -> part.whole() != null).toList();
                List<StagedRows> changes =
                        parts.stream().filter(part -> part.whole() == null).toList();
                if (wholes.isEmpty() || isRefused[0] || !isFilled(mirror, changes, wholes, told)) {
                    if (wholes.stream().anyMatch(part -> !part.letsGo().isEmpty())) {
                        try {
                            notFilled(mirror, parts, told);
                        } catch (SQLException e) {
                            if (!isLedgerMade(e)) {
                                throw e;
                            }
                            notFilled(mirror, parts, told);
                        }
                    } else if (!changes.isEmpty()) {
                        publish(mirror, changes, told, told.aside == null ? When.DUE : When.NEVER);
                    }
                }
            } finally {
                told.turn.unlock();
            }
            return true;
        };
        try {
            boolean unused =
                    outage.until(bringing(), told.waiting, session.get()::drop, dialect::isLasting, publishing);
        } catch (LastingException e) {
            isRefused[0] = true; // its rows are not to be had so: what changed is not to wait for that
            if (told.aside == null) {
                setAside(mirror, parts.get(0).source(), told, String.valueOf(e.getMessage()));
            }
            boolean unused = outage.until(bringing(), told.waiting, session.get()::drop, publishing);
        }
    }

    /** What writers let go, as the rows would have it, is nowhere then: the mirror stands still. */
    private void notFilled(TableName mirror, List<StagedRows> parts, Progress told) throws SQLException {
        Connection connection = session.get().connection();
        Session.begin(connection, dialect, false);
        Ledger.Totals totals = ledger.lock(connection, mirror);
        Standing standing = standing(connection, mirror, StagedRows.offsets(parts), totals);
        // what is covered was filled by an attempt that did not learn of it
        if (standing.covered() != OffsetRange.Covered.ALL) {
            needRepair(connection, mirror, parts.get(0).source(), told, standing.without(NOT_FILLED));
            Applier.drop(connection, dialect, ledger.staging(mirror), parts);
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /**
     * Puts all rows that the job has in the place of those of the mirror, with the changes into its history; false where that was
     * done before, or not all of them are there.
     */
    private boolean isFilled(TableName mirror, List<StagedRows> changes, List<StagedRows> wholes, Progress told)
            throws SQLException, WarehouseConflictException {
        try {
            return isFilledOnce(mirror, changes, wholes, told);
        } catch (SQLException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                told.patienceMillis = Math.min(2 * told.patienceMillis, LONGEST_PATIENCE_MILLIS);
            }
            if (isLedgerMade(e) || isLoosened(mirror, wholes, e)) {
                return isFilledOnce(mirror, changes, wholes, told);
            }
            throw e;
        }
    }

    private boolean isFilledOnce(TableName mirror, List<StagedRows> changes, List<StagedRows> wholes, Progress told)
            throws SQLException, WarehouseConflictException {
        Connection connection = session.get().connection();
        TableName stage = ledger.staging(mirror);
        long rows = wholes.stream().mapToLong(StagedRows::rows).sum();
        long buckets = wholes.stream()
                .mapToLong(part -> Objects.requireNonNull(part.whole()).buckets())
                .sum();
        int of = Objects.requireNonNull(wholes.get(0).whole()).of();
        session.get().patience(told.patienceMillis + 2 * rows);
        Session.begin(connection, dialect, false);
        Ledger.Totals totals = ledger.lock(connection, mirror);
        Map<SourcePartition, OffsetRange> reached = StagedRows.reached(wholes);
        Standing standing = standing(connection, mirror, StagedRows.offsets(changes), totals);
        Map<SourcePartition, Long> ends = OffsetRange.ends(reached);
        Map<SourcePartition, OffsetRange> ofRows = new TreeMap<>();
        wholes.forEach(part -> StagedRows.Place.addTo(
                ofRows, Objects.requireNonNull(part.whole()).ends()));
        Map<SourcePartition, OffsetRange> letGo = new TreeMap<>();
        wholes.forEach(part -> StagedRows.Place.addTo(letGo, part.letsGo()));
        // of a partition of which nothing was given since the job was started, the rows themselves say how far they
        // come
        ofRows.forEach((partition, range) -> ends.putIfAbsent(partition, range.first()));
        boolean isPast = standing.fences().entrySet().stream()
                .anyMatch(fence -> !fence.getKey().topic().equals(replays)
                        && fence.getValue() > ends.getOrDefault(fence.getKey(), 0L));
        boolean isThere = !dialect.columns(connection, stage).isEmpty()
                && !dialect.columns(connection, mirror).isEmpty()
                && (rows == 0 || Applier.count(connection, dialect, dialect.quoted(stage), wholes) == rows);
        if (buckets != of || isPast || !isThere || standing.covered() == OffsetRange.Covered.PART) {
            LOG.info("{} is not filled with the job's rows: {} of {} buckets are there", mirror, buckets, of);
            connection.rollback();
            connection.setAutoCommit(true);
            Applier.drop(connection, dialect, stage, wholes);
            return false;
        }
        TableName source = wholes.get(0).source();
        if (totals == null) {
            ledger.register(connection, mirror, source, false);
        }
        List<StagedRows> kept = new ArrayList<>(ledger.staged(connection, mirror));
        kept.addAll(standing.covered() == OffsetRange.Covered.ALL ? List.of() : changes);
        Map<String, String> types = dialect.columns(connection, mirror);
        if (!kept.isEmpty()) {
            new Applier(connection, dialect, stage, kept, types, pace.largeRows).keep();
        }
        new Applier(connection, dialect, stage, wholes, types, pace.largeRows).replace(wholes);
        ledger.gaps(connection, mirror, standing.fences(), reached, letGo);
        ledger.move(connection, mirror, reached);
        ledger.applied(
                connection, mirror, kept.stream().mapToLong(StagedRows::rows).sum());
        ledger.filled(connection, mirror);
        Applier.drop(connection, dialect, stage, kept);
        Applier.dropWholes(connection, dialect, stage);
        connection.commit();
        connection.setAutoCommit(true);
        LOG.info("{} has the job's rows again: {}", mirror, rows);
        told.types = new HashMap<>();
        told.source = null;
        told.aside = null;
        told.lost = null;
        told.reached = new Reach(source, ends);
        told.appliedAt = now();
        show(source, told);
        return true;
    }

    /** When what is staged is applied. */
    private enum When {
        /** As soon as the mirror may no longer be behind. */
        DUE,
        NOW,
        /** It waits: the mirror is set aside. */
        NEVER
    }

    private String bringing() {
        return "bring rows into the mirror at " + settings.place();
    }

    /** One transaction, and another where the mirror's key is the matter; may be tried again after any failure. */
    private void publish(TableName mirror, List<StagedRows> parts, Progress told, When when)
            throws SQLException, WarehouseConflictException {
        try {
            publishOnce(mirror, parts, told, when);
            told.patienceMillis = Session.PATIENCE_MILLIS;
        } catch (SQLException e) {
            if (e.getCause() instanceof SocketTimeoutException) { // it may have been at it
                told.patienceMillis = Math.min(2 * told.patienceMillis, LONGEST_PATIENCE_MILLIS);
            }
            if (isLedgerMade(e)) {
                publishOnce(mirror, parts, told, when);
                return;
            }
            if (!isLoosened(mirror, parts, e)) {
                throw e;
            }
            LOG.info(
                    "{} has no primary key any more, and finds rows by an index: {}",
                    mirror,
                    Printable.of(String.valueOf(e.getMessage())));
            publishOnce(mirror, parts, told, when);
        }
    }

    /** Makes the ledger again where it, or a table of it, is gone. */
    private boolean isLedgerMade(SQLException failure) throws SQLException {
        if (!dialect.isLasting(failure)) {
            return false; // there may be no connection to ask by
        }
        Connection connection = session.get().connection();
        if (!connection.getAutoCommit()) {
            connection.rollback();
            connection.setAutoCommit(true);
        }
        return ledger.restore(connection);
    }

    private boolean isLoosened(TableName mirror, List<StagedRows> parts, SQLException failure)
            throws SQLException, WarehouseConflictException {
        if (!dialect.isLasting(failure)) {
            return false;
        }
        Connection connection = session.get().connection();
        List<StagedRows> all = new ArrayList<>(ledger.staged(connection, mirror));
        all.addAll(parts);
        if (all.isEmpty()) {
            return false;
        }
        StagedRows newest = Applier.newest(all);
        return Boolean.TRUE.equals(ledger.isOwn(connection, mirror, newest.source()))
                && dialect.loosen(connection, mirror, newest.key(), failure);
    }

    private void publishOnce(TableName mirror, List<StagedRows> parts, Progress told, When when)
            throws SQLException, WarehouseConflictException {
        Connection connection = session.get().connection();
        long began = System.nanoTime();
        boolean isToBeCleared =
                told.covered.get() != null; // before the transaction begins: the same rows are not for both
        session.get()
                .patience(told.patienceMillis
                        + parts.stream().mapToLong(StagedRows::rows).sum());
        Session.begin(connection, dialect, false);
        Ledger.Totals totals = ledger.lock(connection, mirror);
        steps.reached(mirror.toString(), WarehouseStep.LOCKED);
        Map<SourcePartition, OffsetRange> offsets = StagedRows.offsets(parts);
        Standing standing = standing(connection, mirror, offsets, totals);
        boolean isRepaired = standing.isBroken()
                && !parts.isEmpty()
                && standing.covered() == OffsetRange.Covered.NOTHING
                && OffsetRange.isProven(offsets);
        if (standing.gap() != null || standing.isBroken() && !isRepaired) {
            if (!parts.isEmpty()) {
                needRepair(connection, mirror, parts.get(0).source(), told, standing);
            }
            if (standing.covered() != OffsetRange.Covered.ALL) { // else they may wait to be applied
                Applier.drop(connection, dialect, ledger.staging(mirror), parts);
            }
            connection.commit();
            connection.setAutoCommit(true);
            told.source = null;
            return;
        }
        if (totals == null) {
            throw new WarehouseConflictException(
                    "the ledger no longer knows %s: submit the job afresh, without state".formatted(mirror));
        }
        if (isRepaired) {
            ledger.repaired(connection, mirror);
            totals = totals.repaired();
        }
        Map<SourcePartition, Long> fences = standing.fences();
        List<StagedRows> all = new ArrayList<>(ledger.staged(connection, mirror));
        switch (parts.isEmpty() ? OffsetRange.Covered.NOTHING : standing.covered()) {
            case PART ->
                throw new WarehouseConflictException(
                        ("cannot bring offsets %s into %s, which has some of them (%s): another job writes this mirror, or wrote it after"
                                        + " this checkpoint was taken; submit the job afresh, without state, and it goes on where the"
                                        + " mirror ends")
                                .formatted(offsets, mirror, fences));
            case GAP, OTHER_TOPIC -> throw new IllegalStateException("a gap is no range to add");
            case ALL -> {
                told.source =
                        all.isEmpty() ? null : all.get(0).source(); // noted by an attempt that did not learn of it
                connection.rollback();
                connection.setAutoCommit(true);
                return;
            }
            case NOTHING -> ledger.move(connection, mirror, offsets);
        }
        all.addAll(parts);
        if (all.isEmpty()) {
            connection.rollback(); // another has applied it
            connection.setAutoCommit(true);
            told.source = null;
            return;
        }
        TableName source = all.get(0).source();
        boolean isDue = when == When.NOW
                || when == When.DUE
                        && told.isDue(now(), settings.freshness(source).toMillis());
        String aside = told.aside;
        long cleared = 0;
        long applied = 0;
        boolean isCleared = true;
        long tookMillis = 0;
        if (isDue) {
            told.types = aside == null ? told.types : new HashMap<>(); // someone may have altered it
            long applying = System.nanoTime();
            applied = applier(connection, mirror, all, told).apply();
            tookMillis = (System.nanoTime() - applying) / 1_000_000;
            ledger.applied(connection, mirror, applied);
            fences.putAll(OffsetRange.ends(offsets));
            isCleared = applied < pace.largeRows && !isToBeCleared;
            cleared = isCleared ? Applier.clear(connection, dialect, ledger.staging(mirror), fences) : 0;
        } else {
            ledger.stage(connection, mirror, parts);
            if (aside != null && ledger.aside(connection, mirror) == null) { // who could not make it knows more
                ledger.setAside(connection, mirror, source, aside);
            }
        }
        steps.reached(mirror.toString(), WarehouseStep.APPLIED);
        connection.commit();
        connection.setAutoCommit(true);
        if (!isCleared) {
            told.covered.set(fences);
        }
        Map<SourcePartition, Long> next = new TreeMap<>(standing.fences());
        next.putAll(OffsetRange.ends(offsets));
        told.reached = new Reach(source, next);
        told.totals = isDue ? totals.with(applied) : totals;
        if (isRepaired) {
            LOG.info("{} needs no repair any more", mirror);
            told.lost = null;
        }
        told.seconds = (System.nanoTime() - began) / 1e9;
        if (isDue) {
            told.appliedAt = now();
            told.restMillis = tookMillis > pace.slowMillis ? Math.min(tookMillis, LONGEST_REST_MILLIS) : 0;
            if (told.restMillis > 0) {
                LOG.info(
                        "{}: {} changes took {} s to apply; it rests for {} s, and gets what comes meanwhile at once",
                        mirror,
                        applied,
                        tookMillis / 1000,
                        told.restMillis / 1000);
            }
        }
        told.source = isDue ? null : source;
        if (isDue && aside != null) {
            told.aside = null;
            LOG.info("{} is no longer set aside", mirror);
        }
        show(source, told);
        steps.reached(mirror.toString(), WarehouseStep.LEDGERED);
        if (cleared >= pace.largeRows) { // of attempts that failed
            dialect.tidy(connection, dialect.quoted(ledger.staging(mirror)));
        }
    }

    /** At the end: the mirror gets what is staged for good, unless another thread is still about it after a moment. */
    private void finish(TableName mirror, Progress told) throws InterruptedException {
        if (told.source == null || told.aside != null || !told.turn.tryLock(END_MILLIS, TimeUnit.MILLISECONDS)) {
            return;
        }
        try {
            publish(mirror, List.of(), told, When.NOW);
        } catch (SQLException | IOException | RuntimeException e) {
            session.get().drop(); // with its transaction, which is not the next mirror's
            LOG.info("rows of {} stay staged until the next start: {}", mirror, e.toString());
        } finally {
            told.turn.unlock();
        }
    }

    private Applier applier(Connection connection, TableName mirror, List<StagedRows> all, Progress told)
            throws SQLException {
        Map<String, String> types = told.types;
        for (StagedRows part : all) {
            if (!types.keySet().containsAll(part.allColumns())
                    || part.key().isEmpty() && !types.containsKey(dialect.own(Mirror.SEQ))) {
                types = dialect.columns(connection, mirror);
                told.types = types;
                break;
            }
        }
        return new Applier(connection, dialect, ledger.staging(mirror), all, types, pace.largeRows);
    }

    // ---- what is staged for good and applied later

    private void applyWhatIsDue() {
        try {
            String reading = "read what is staged at " + settings.place();
            int[] attempts = new int[1];
            for (StagedRows part :
                    outage.until(reading, new Outage.Waiting(settings.ledger()), session.get()::drop, () -> {
                        Connection connection = session.get().connection();
                        boolean unused = attempts[0]++ == 0 ? ledger.create(connection) : ledger.restore(connection);
                        return ledger.staged(connection);
                    })) {
                progress.computeIfAbsent(part.mirror(), this::progress).source = part.source();
            }
            while (!closed) {
                Thread.sleep(pace.lookMillis);
                for (Map.Entry<TableName, Progress> entry : progress.entrySet()) {
                    Progress told = entry.getValue();
                    TableName source = told.source;
                    if (source != null
                            && (told.aside != null
                                    || told.isDue(
                                            now(), settings.freshness(source).toMillis()))) {
                        applyLater(entry.getKey(), told);
                    }
                    if (!closed) {
                        clear(entry.getKey(), told);
                    }
                }
                proveAll();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot apply what is staged", e);
        }
    }

    /** One attempt, unless the mirror has its turn already: it is not to hold up others. */
    private void applyLater(TableName mirror, Progress told) throws InterruptedException {
        if (now() < told.applyAgainAt || !told.turn.tryLock()) {
            return;
        }
        boolean isAside = told.aside != null;
        long again = isAside ? pace.asideMillis : APPLY_AGAIN_MILLIS;
        Outage.Waiting waiting = isAside ? told.asideWaiting : told.waiting;
        try {
            Boolean isDone = outage.once(bringing(), waiting, again, session.get()::drop, () -> {
                try {
                    publish(mirror, List.of(), told, isAside ? When.NOW : When.DUE);
                } catch (SQLException e) {
                    refused(mirror, told, e);
                    throw e;
                }
                return true;
            });
            told.applyAgainAt = isDone == null ? now() + again : 0;
        } catch (IOException e) {
            told.source = null;
            refused = e;
            LOG.error("cannot apply what is staged for {}: the next checkpoint that has rows fails of it", mirror, e);
        } finally {
            told.turn.unlock();
        }
    }

    /** A mirror whose apply is refused time and again is set aside, also where no more rows come. */
    private void refused(TableName mirror, Progress told, SQLException e) {
        told.refusals = dialect.isLasting(e) ? told.refusals + 1 : 0;
        TableName source = told.source;
        if (told.aside != null || told.refusals < REFUSALS || source == null) {
            return;
        }
        String reason = "cannot " + bringing() + ": " + e.getMessage();
        setAside(mirror, source, told, reason);
        try {
            session.get().drop(); // with the transaction that failed
            ledger.setAside(session.get().connection(), mirror, source, reason);
        } catch (SQLException later) {
            LOG.debug("cannot note that {} is set aside", mirror, later);
        }
    }

    private void setAside(TableName mirror, TableName source, Progress told, String reason) {
        LOG.error("{} is set aside, its rows stay staged: {}", mirror, Printable.of(reason));
        told.aside = reason;
        show(source, told);
    }

    /** One attempt: nobody waits for it, and it is not to hold up other mirrors. */
    private void clear(TableName mirror, Progress told) {
        Map<SourcePartition, Long> covered = told.covered.get();
        if (covered == null || now() < told.clearAgainAt) {
            return;
        }
        TableName stage = ledger.staging(mirror);
        try {
            Connection connection = session.get().connection();
            Applier.clear(connection, dialect, stage, covered);
            if (!closed) { // at the end nobody is to wait for what the warehouse does by itself, later
                dialect.tidy(connection, dialect.quoted(stage));
            }
            told.covered.compareAndSet(covered, null);
        } catch (SQLException | RuntimeException e) {
            session.get().drop();
            told.clearAgainAt = now() + CLEAR_AGAIN_MILLIS;
            LOG.info("{} keeps rows that are applied for another minute: {}", stage, e.toString());
        }
    }

    /** What metrics tell of a mirror, and when it was last brought up to date. */
    private static final class Progress {
        final ReentrantLock turn = new ReentrantLock();
        final Outage.Waiting waiting;
        /** Of attempts to apply what is set aside: nobody waits for those. */
        final Outage.Waiting asideWaiting;
        /** Why the mirror is set aside: what is staged waits, until the warehouse takes it. */
        volatile @Nullable String aside;
        /** What the mirror lacks, which is nowhere but in the topic. */
        volatile @Nullable String lost;
        /** How often in a row it could not be applied; of the thread that applies later. */
        int refusals;

        volatile Ledger.Totals totals = new Ledger.Totals(0, 0, false);
        /** Whether the totals are among the metrics; within a turn. */
        boolean isShown;

        /** Within a turn. */
        long patienceMillis = Session.PATIENCE_MILLIS;

        volatile @Nullable Reach reached;
        volatile double seconds;
        volatile long appliedAt;
        volatile long restMillis;
        volatile long clearAgainAt;
        volatile long applyAgainAt;
        volatile Map<String, String> types = new HashMap<>();
        /** The fences, while the staging table has many rows before them, which are applied. */
        final AtomicReference<@Nullable Map<SourcePartition, Long>> covered = new AtomicReference<>();
        /** The table of the source, while something of it is staged for good and not applied. */
        volatile @Nullable TableName source;

        Progress(String mirror) {
            this.waiting = new Outage.Waiting(mirror);
            this.asideWaiting = new Outage.Waiting(mirror);
        }

        boolean isDue(long now, long freshness) {
            return now - appliedAt >= Math.max(freshness, restMillis) - TOLERANCE_MILLIS;
        }
    }

    private Progress progress(TableName mirror) {
        Progress made = new Progress(mirror.toString());
        made.waiting.register(metrics, "warehouse", mirror.toString());
        return made;
    }

    /** Not before the first commit: until then the totals are not known, and zero would be less than before the restart. */
    private void show(TableName source, Progress told) {
        synchronized (told) {
            if (told.isShown) {
                return;
            }
            told.isShown = true;
        }
        String table = source.toString();
        MetricName.WAREHOUSE_ASIDE.register(
                metrics, (Gauge<Long>) () -> told.aside == null && told.lost == null ? 0L : 1L, table);
        MetricName.WAREHOUSE_ROWS.register(metrics, (Gauge<Long>) () -> told.totals.rows(), table);
        MetricName.WAREHOUSE_COMMITS.register(metrics, (Gauge<Long>) () -> told.totals.commits(), table);
        MetricName.WAREHOUSE_COMMIT_SECONDS.register(metrics, (Gauge<Double>) () -> told.seconds, table);
    }

    @Override
    public void close() {
        closed = true;
        outage.close();
        later.interrupt();
        commits.close();
        try {
            for (Map.Entry<TableName, Progress> entry : progress.entrySet()) {
                finish(entry.getKey(), entry.getValue());
            }
            later.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!later.isAlive()) { // it may be clearing just that
            progress.forEach(this::clear);
        }
        synchronized (sessions) {
            sessions.forEach(commits.haveEnded() && !later.isAlive() ? Session::close : Session::abort);
        }
    }
}
