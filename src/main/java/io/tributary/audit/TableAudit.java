package io.tributary.audit;

import io.tributary.change.TableName;
import io.tributary.sink.SinkView;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One table, compared.
 *
 * @param lakeRows the history folded to current rows
 * @param currentRows the rows of the table as its source has it
 * @param historyRows the history as it is
 * @param repeated rows of the history that share topic, partition and offset with another: 0 if each change is there once
 * @param differing how many rows differ between the source and the history folded
 * @param differingKeys the first keys that differ
 * @param mirrorRows the rows of the mirror, or -1 where there is no warehouse
 * @param mirrorDiffering how many rows differ between the source and the mirror
 * @param currentDiffering how many rows differ between the source and the table as its source has it
 */
public record TableAudit(
        TableName table,
        long sourceRows,
        long lakeRows,
        long currentRows,
        long historyRows,
        long repeated,
        long differing,
        List<String> differingKeys,
        long currentDiffering,
        List<String> currentDifferingKeys,
        long mirrorRows,
        long mirrorDiffering,
        List<String> mirrorDifferingKeys,
        String sourceChecksum,
        String lakeChecksum) {
    private static final int SHOWN = 20;

    /**
     * Compares a table of PostgreSQL with its history, its current rows beside that, and its mirror; the source must be still.
     *
     * @param history of a sink that keeps histories, and current rows
     * @param mirror null without one
     */
    public static TableAudit of(Connection source, SinkView history, @Nullable SinkView mirror, TableName name)
            throws SQLException, IOException {
        try (Side lake = new Side(history, history.rows(), history.histories());
                Side mirrors = mirror == null ? null : new Side(mirror, mirror.rows(), null)) {
            return of(source, lake, mirrors, SourceTable.of(source, name));
        }
    }

    private static TableAudit of(Connection source, Side lake, @Nullable Side mirrors, SourceTable table)
            throws SQLException, IOException {
        RowDigests there = table.read(source, null);
        Fold here = Fold.of(lake.histories(), table);
        RowDigests current = lake.now(table);
        RowDigests mirror = mirrors == null ? null : mirrors.now(table);
        List<String> differing = there.differing(here.rows());
        List<String> currentDiffering = there.differing(current);
        List<String> mirrorDiffering = mirror == null ? List.of() : there.differing(mirror);
        return new TableAudit(
                table.name(),
                there.size(),
                here.rows().size(),
                current.size(),
                here.events(),
                here.repeated(),
                differing.size(),
                differing.subList(0, Math.min(SHOWN, differing.size())),
                currentDiffering.size(),
                currentDiffering.subList(0, Math.min(SHOWN, currentDiffering.size())),
                mirror == null ? -1 : mirror.size(),
                mirrorDiffering.size(),
                mirrorDiffering.subList(0, Math.min(SHOWN, mirrorDiffering.size())),
                there.checksum(),
                here.rows().checksum());
    }

    public boolean agrees() {
        return differing == 0 && currentDiffering == 0 && mirrorDiffering == 0 && repeated == 0;
    }
}
