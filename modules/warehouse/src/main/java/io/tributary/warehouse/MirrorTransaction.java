package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One transaction for a mirror: it looks at the fences, applies what is staged, or notes that it is staged for good, and moves the fences. */
final class MirrorTransaction {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorTransaction.class);

    /** Where keys do not come again, a longer rest would only make the next apply longer. */
    private static final long LONGEST_REST_MILLIS = 30_000;

    private final Mirrors mirrors;

    MirrorTransaction(Mirrors mirrors) {
        this.mirrors = mirrors;
    }

    /** When what is staged is applied. */
    enum When {
        /** As soon as the mirror may no longer be behind. */
        DUE,
        NOW,
        /** It waits: the mirror is set aside. */
        NEVER
    }

    /** One transaction, and another where the mirror's key is the matter; may be tried again after any failure. */
    void publish(TableName mirror, List<StagedRows> parts, MirrorProgress told, When when)
            throws SQLException, WarehouseConflictException {
        try {
            publishOnce(mirror, parts, told, when);
            told.patienceMillis = Session.PATIENCE_MILLIS;
        } catch (SQLException e) {
            if (e.getCause() instanceof SocketTimeoutException) { // it may have been at it
                told.patienceMillis = Math.min(2 * told.patienceMillis, Mirrors.LONGEST_PATIENCE_MILLIS);
            }
            if (mirrors.isLedgerMade(e)) {
                publishOnce(mirror, parts, told, when);
                return;
            }
            if (!mirrors.isLoosened(mirror, parts, e)) {
                throw e;
            }
            LOG.info(
                    "{} has no primary key any more, and finds rows by an index: {}",
                    mirror,
                    Printable.of(String.valueOf(e.getMessage())));
            publishOnce(mirror, parts, told, when);
        }
    }

    private void publishOnce(TableName mirror, List<StagedRows> parts, MirrorProgress told, When when)
            throws SQLException, WarehouseConflictException {
        Connection connection = mirrors.session().connection();
        long began = System.nanoTime();
        boolean isToBeCleared =
                told.covered.get() != null; // before the transaction begins: the same rows are not for both
        mirrors.session()
                .patience(told.patienceMillis
                        + parts.stream().mapToLong(StagedRows::rows).sum());
        Session.begin(connection, mirrors.dialect(), false);
        Ledger.Totals totals = mirrors.ledger().lock(connection, mirror);
        mirrors.steps().reached(mirror.toString(), WarehouseStep.LOCKED);
        Map<SourcePartition, OffsetRange> offsets = StagedRows.offsets(parts);
        Standing standing = mirrors.standing(connection, mirror, offsets, totals);
        boolean isRepaired = standing.isBroken()
                && !parts.isEmpty()
                && standing.covered() == OffsetRange.Covered.NOTHING
                && OffsetRange.isProven(offsets);
        if (standing.gap() != null || standing.isBroken() && !isRepaired) {
            standStill(connection, mirror, parts, told, standing);
            return;
        }
        if (totals == null) {
            throw new WarehouseConflictException(
                    "the ledger no longer knows %s: submit the job afresh, without state".formatted(mirror));
        }
        if (isRepaired) {
            mirrors.ledger().repaired(connection, mirror);
            totals = totals.repaired();
        }
        List<StagedRows> all = taken(connection, mirror, parts, told, standing);
        if (all.isEmpty()) {
            connection.rollback();
            connection.setAutoCommit(true);
            return;
        }
        TableName source = all.get(0).source();
        boolean isDue = when == When.NOW
                || when == When.DUE
                        && told.isDue(
                                mirrors.now(),
                                mirrors.settings().freshness(source).toMillis());
        Map<SourcePartition, Long> next = new TreeMap<>(standing.fences());
        next.putAll(OffsetRange.ends(offsets));
        Brought brought = isDue
                ? apply(connection, mirror, all, told, next, isToBeCleared)
                : stage(connection, mirror, parts, told, source);
        mirrors.steps().reached(mirror.toString(), WarehouseStep.APPLIED);
        connection.commit();
        connection.setAutoCommit(true);
        if (!brought.isCleared) {
            told.covered.set(next);
        }
        told.reached = new MirrorProgress.Reach(source, next);
        told.totals = isDue ? totals.with(brought.rows) : totals;
        if (isRepaired) {
            LOG.info("{} needs no repair any more", mirror);
            told.lost = null;
        }
        told.seconds = (System.nanoTime() - began) / 1e9;
        told.source = isDue ? null : source;
        if (isDue) {
            applied(mirror, told, brought);
        }
        told.show(source);
        mirrors.steps().reached(mirror.toString(), WarehouseStep.LEDGERED);
        if (brought.cleared >= mirrors.pace().largeRows()) { // of attempts that failed
            mirrors.dialect()
                    .tidy(connection, mirrors.dialect().quoted(mirrors.ledger().staging(mirror)));
        }
    }

    /** The mirror lacks something: what comes is not for it. */
    private void standStill(
            Connection connection, TableName mirror, List<StagedRows> parts, MirrorProgress told, Standing standing)
            throws SQLException {
        if (!parts.isEmpty()) {
            mirrors.needRepair(connection, mirror, parts.get(0).source(), told, standing);
        }
        if (standing.covered() != OffsetRange.Covered.ALL) { // else they may wait to be applied
            StagedParts.drop(connection, mirrors.dialect(), mirrors.ledger().staging(mirror), parts);
        }
        connection.commit();
        connection.setAutoCommit(true);
        told.source = null;
    }

    /** What is staged of the mirror with these parts, whose fences are moved; nothing where there is nothing to be done. */
    private List<StagedRows> taken(
            Connection connection, TableName mirror, List<StagedRows> parts, MirrorProgress told, Standing standing)
            throws SQLException, WarehouseConflictException {
        List<StagedRows> all = new ArrayList<>(mirrors.ledger().staged(connection, mirror));
        Map<SourcePartition, OffsetRange> offsets = StagedRows.offsets(parts);
        switch (parts.isEmpty() ? OffsetRange.Covered.NOTHING : standing.covered()) {
            case PART ->
                throw new WarehouseConflictException(
                        ("cannot bring offsets %s into %s, which has some of them (%s): another job writes this mirror, or wrote it after"
                                        + " this checkpoint was taken; submit the job afresh, without state, and it goes on where the"
                                        + " mirror ends")
                                .formatted(offsets, mirror, standing.fences()));
            case GAP, OTHER_TOPIC -> throw new IllegalStateException("a gap is no range to add");
            case ALL -> {
                told.source =
                        all.isEmpty() ? null : all.get(0).source(); // noted by an attempt that did not learn of it
                return List.of();
            }
            case NOTHING -> mirrors.ledger().move(connection, mirror, offsets);
        }
        all.addAll(parts);
        if (all.isEmpty()) {
            told.source = null; // another has applied it
        }
        return all;
    }

    /**
     * What was done within the transaction.
     *
     * @param rows that were applied
     * @param tookMillis to apply them
     * @param isCleared whether nothing that is applied is left in the staging table
     * @param cleared rows that were taken out of it
     */
    private record Brought(long rows, long tookMillis, boolean isCleared, long cleared) {}

    private Brought apply(
            Connection connection,
            TableName mirror,
            List<StagedRows> all,
            MirrorProgress told,
            Map<SourcePartition, Long> next,
            boolean isToBeCleared)
            throws SQLException, WarehouseConflictException {
        told.types = told.aside == null ? told.types : new HashMap<>(); // someone may have altered it
        long began = System.nanoTime();
        long rows = applier(connection, mirror, all, told).apply();
        long tookMillis = (System.nanoTime() - began) / 1_000_000;
        mirrors.ledger().applied(connection, mirror, rows);
        boolean isCleared = rows < mirrors.pace().largeRows() && !isToBeCleared;
        long cleared = isCleared
                ? StagedParts.clear(
                        connection, mirrors.dialect(), mirrors.ledger().staging(mirror), next)
                : 0;
        return new Brought(rows, tookMillis, isCleared, cleared);
    }

    private Brought stage(
            Connection connection, TableName mirror, List<StagedRows> parts, MirrorProgress told, TableName source)
            throws SQLException {
        String aside = told.aside;
        mirrors.ledger().stage(connection, mirror, parts);
        if (aside != null && mirrors.ledger().aside(connection, mirror) == null) { // who could not make it knows more
            mirrors.ledger().setAside(connection, mirror, source, aside);
        }
        return new Brought(0, 0, true, 0);
    }

    private void applied(TableName mirror, MirrorProgress told, Brought brought) {
        told.appliedAt = mirrors.now();
        boolean isSlow = brought.tookMillis > mirrors.pace().slowMillis();
        told.restMillis = isSlow ? Math.min(brought.tookMillis, LONGEST_REST_MILLIS) : 0;
        if (told.restMillis > 0) {
            LOG.info(
                    "{}: {} changes took {} s to apply; it rests for {} s, and gets what comes meanwhile at once",
                    mirror,
                    brought.rows,
                    brought.tookMillis / 1000,
                    told.restMillis / 1000);
        }
        if (told.aside != null) {
            told.aside = null;
            LOG.info("{} is no longer set aside", mirror);
        }
    }

    private Applier applier(Connection connection, TableName mirror, List<StagedRows> all, MirrorProgress told)
            throws SQLException {
        Map<String, String> types = told.types;
        for (StagedRows part : all) {
            if (!types.keySet().containsAll(part.allColumns())
                    || part.key().isEmpty()
                            && !types.containsKey(mirrors.dialect().own(OwnColumns.SEQ))) {
                types = mirrors.dialect().columns(connection, mirror);
                told.types = types;
                break;
            }
        }
        return new Applier(
                connection,
                mirrors.dialect(),
                mirrors.ledger().staging(mirror),
                all,
                types,
                mirrors.pace().largeRows());
    }
}
