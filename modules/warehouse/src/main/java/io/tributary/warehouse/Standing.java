package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a mirror lies to what comes.
 *
 * @param gap what it lacks, or null
 * @param isBroken whether the ledger says already that it lacks something
 * @param isUnknown whether the ledger does not know it
 */
record Standing(
        OffsetRange.Covered covered,
        Map<SourcePartition, Long> fences,
        @Nullable String gap,
        boolean isBroken,
        boolean isUnknown) {
    Standing without(String lost) {
        return new Standing(covered, fences, lost, isBroken, isUnknown);
    }

    /** @param offsets of what comes, by partition */
    static Standing of(
            Ledger ledger,
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
}
