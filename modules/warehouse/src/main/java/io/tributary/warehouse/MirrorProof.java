package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks whether mirrors have what they must have, those too that get nothing. */
final class MirrorProof {
    private static final Logger LOG = LoggerFactory.getLogger(MirrorProof.class);

    private final Mirrors mirrors;
    private long proveAgainAt;

    MirrorProof(Mirrors mirrors) {
        this.mirrors = mirrors;
    }

    /**
     * Looks whether a mirror has what it must have; if not, it is marked.
     *
     * @param offsets that it must have
     * @param lost what it lacks for certain, or null
     */
    void prove(
            TableName mirror,
            TableName source,
            MirrorProgress told,
            Map<SourcePartition, OffsetRange> offsets,
            @Nullable String lost)
            throws SQLException {
        Connection connection = mirrors.session().connection();
        Session.begin(connection, mirrors.dialect(), false);
        Ledger.Totals totals = mirrors.ledger().lock(connection, mirror);
        Standing standing = mirrors.standing(connection, mirror, offsets, totals);
        // of a checkpoint that is committed again, after the mirror was filled
        boolean isThere = standing.covered() == OffsetRange.Covered.ALL
                && offsets.values().stream().anyMatch(range -> !range.isEmpty());
        if (standing.isBroken() || standing.gap() != null || lost != null && !isThere) {
            mirrors.needRepair(
                    connection, mirror, source, told, lost == null || isThere ? standing : standing.without(lost));
        } else {
            told.reached = new MirrorProgress.Reach(source, standing.fences());
        }
        connection.commit();
        connection.setAutoCommit(true);
    }

    /** Looks, now and then, whether mirrors still are where they were brought: those too that get nothing. */
    void proveAll() {
        if (mirrors.now() < proveAgainAt) {
            return;
        }
        proveAgainAt = mirrors.now() + mirrors.pace().proveMillis();
        try {
            mirrors.ledger().create(mirrors.session().connection());
            Map<String, Map<SourcePartition, Long>> fences =
                    mirrors.ledger().fences(mirrors.session().connection());
            for (Map.Entry<TableName, MirrorProgress> entry : mirrors.all().entrySet()) {
                MirrorProgress told = entry.getValue();
                MirrorProgress.Reach reached = told.reached;
                if (reached == null
                        || told.lost != null
                        || !isBehind(fences.getOrDefault(reached.source().toString(), Map.of()), reached.next())
                        || !told.turn.tryLock()) {
                    continue;
                }
                try {
                    Map<SourcePartition, OffsetRange> ranges = new TreeMap<>();
                    reached.next().forEach((partition, next) -> ranges.put(partition, OffsetRange.empty(next)));
                    prove(entry.getKey(), reached.source(), told, ranges, null);
                } finally {
                    told.turn.unlock();
                }
            }
        } catch (SQLException e) {
            try {
                if (mirrors.isLedgerMade(e)) {
                    proveAgainAt = mirrors.now();
                    return;
                }
            } catch (SQLException again) {
                e.addSuppressed(again);
            }
            mirrors.session().drop();
            LOG.debug("cannot look where the mirrors are", e); // who writes says so
        } catch (RuntimeException e) {
            mirrors.session().drop();
            LOG.debug("cannot look where the mirrors are", e);
        }
    }

    private static boolean isBehind(Map<SourcePartition, Long> fences, Map<SourcePartition, Long> reached) {
        return reached.entrySet().stream().anyMatch(next -> fences.getOrDefault(next.getKey(), 0L) < next.getValue());
    }
}
