package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.net.SocketTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts all rows that the job has in the place of those of a mirror. */
final class MirrorFill {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorFill.class);

    private static final String NOT_FILLED =
            "the job's rows could not be put into it, and changes since the last checkpoint were not staged: './tributary repair' gives them again";

    private final Mirrors mirrors;

    MirrorFill(Mirrors mirrors) {
        this.mirrors = mirrors;
    }

    /** What writers let go, as the rows would have it, is nowhere then: the mirror stands still. */
    void notFilled(TableName mirror, List<StagedRows> parts, MirrorProgress told) throws SQLException {
        Connection connection = mirrors.session().connection();
        Session.begin(connection, mirrors.dialect(), false);
        Ledger.Totals totals = mirrors.ledger().lock(connection, mirror);
        Standing standing = mirrors.standing(connection, mirror, StagedRows.offsets(parts), totals);
        // what is covered was filled by an attempt that did not learn of it
        if (standing.covered() != OffsetRange.Covered.ALL) {
            mirrors.needRepair(connection, mirror, parts.get(0).source(), told, standing.without(NOT_FILLED));
            StagedParts.drop(connection, mirrors.dialect(), mirrors.ledger().staging(mirror), parts);
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /**
     * Puts all rows that the job has in the place of those of the mirror, with the changes into its history; false where that was
     * done before, or not all of them are there.
     */
    boolean isFilled(TableName mirror, List<StagedRows> changes, List<StagedRows> wholes, MirrorProgress told)
            throws SQLException, WarehouseConflictException {
        try {
            return isFilledOnce(mirror, changes, wholes, told);
        } catch (SQLException e) {
            if (e.getCause() instanceof SocketTimeoutException) {
                told.patienceMillis = Math.min(2 * told.patienceMillis, Mirrors.LONGEST_PATIENCE_MILLIS);
            }
            if (mirrors.isLedgerMade(e) || mirrors.isLoosened(mirror, wholes, e)) {
                return isFilledOnce(mirror, changes, wholes, told);
            }
            throw e;
        }
    }

    private boolean isFilledOnce(
            TableName mirror, List<StagedRows> changes, List<StagedRows> wholes, MirrorProgress told)
            throws SQLException, WarehouseConflictException {
        Connection connection = mirrors.session().connection();
        TableName stage = mirrors.ledger().staging(mirror);
        long rows = wholes.stream().mapToLong(StagedRows::rows).sum();
        long buckets = wholes.stream()
                .mapToLong(part -> Objects.requireNonNull(part.whole()).buckets())
                .sum();
        int of = Objects.requireNonNull(wholes.get(0).whole()).of();
        mirrors.session().patience(told.patienceMillis + 2 * rows);
        Session.begin(connection, mirrors.dialect(), false);
        Ledger.Totals totals = mirrors.ledger().lock(connection, mirror);
        Map<SourcePartition, OffsetRange> reached = StagedRows.reached(wholes);
        Standing standing = mirrors.standing(connection, mirror, StagedRows.offsets(changes), totals);
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
                .anyMatch(fence -> !fence.getKey().topic().equals(mirrors.replays())
                        && fence.getValue() > ends.getOrDefault(fence.getKey(), 0L));
        boolean isThere = !mirrors.dialect().columns(connection, stage).isEmpty()
                && !mirrors.dialect().columns(connection, mirror).isEmpty()
                && (rows == 0
                        || StagedParts.count(
                                        connection,
                                        mirrors.dialect(),
                                        mirrors.dialect().quoted(stage),
                                        wholes)
                                == rows);
        if (buckets != of || isPast || !isThere || standing.covered() == OffsetRange.Covered.PART) {
            String why = isPast
                    ? "it has " + standing.fences() + ", and they come to " + ends
                    : buckets != of
                            ? "%d of %d buckets are there".formatted(buckets, of)
                            : isThere
                                    ? "it has a part of the changes beside them"
                                    : "they are not staged, or it is gone";
            LOG.info("{} is not filled with the job's rows: {}", mirror, why);
            connection.rollback();
            connection.setAutoCommit(true);
            StagedParts.drop(connection, mirrors.dialect(), stage, wholes);
            return false;
        }
        TableName source = wholes.get(0).source();
        if (totals == null) {
            mirrors.ledger().register(connection, mirror, source, false);
        }
        List<StagedRows> kept = new ArrayList<>(mirrors.ledger().staged(connection, mirror));
        kept.addAll(standing.covered() == OffsetRange.Covered.ALL ? List.of() : changes);
        Map<String, String> types = mirrors.dialect().columns(connection, mirror);
        if (!kept.isEmpty()) {
            new Applier(
                            connection,
                            mirrors.dialect(),
                            stage,
                            kept,
                            types,
                            mirrors.pace().largeRows())
                    .keep();
        }
        new Applier(
                        connection,
                        mirrors.dialect(),
                        stage,
                        wholes,
                        types,
                        mirrors.pace().largeRows())
                .replace(wholes);
        mirrors.ledger().gaps(connection, mirror, standing.fences(), reached, letGo);
        mirrors.ledger().move(connection, mirror, reached);
        mirrors.ledger()
                .applied(
                        connection,
                        mirror,
                        kept.stream().mapToLong(StagedRows::rows).sum());
        mirrors.ledger().filled(connection, mirror);
        StagedParts.drop(connection, mirrors.dialect(), stage, kept);
        StagedParts.dropWholes(connection, mirrors.dialect(), stage);
        connection.commit();
        connection.setAutoCommit(true);
        LOG.info("{} has the job's rows again: {}", mirror, rows);
        told.types = new HashMap<>();
        told.source = null;
        told.aside = null;
        told.lost = null;
        told.reached = new MirrorProgress.Reach(source, ends);
        told.appliedAt = mirrors.now();
        told.show(source);
        return true;
    }
}
