package io.tributary.audit;

import io.tributary.change.TableName;
import io.tributary.lake.LakeReader;
import io.tributary.warehouse.MirrorReader;
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
     * Compares a table of PostgreSQL with its history in the lake, its current rows there, and its mirror; the source must be
     * still.
     */
    public static TableAudit of(Connection source, LakeReader lake, @Nullable MirrorReader mirrors, TableName name)
            throws SQLException, IOException {
        SourceTable table = SourceTable.of(source, name);
        RowDigests there = table.read(source);
        LakeTable.Folded here =
                lake.has(name) ? LakeTable.read(lake, table) : new LakeTable.Folded(new RowDigests(), 0, 0);
        LakeReader currents = lake.current();
        RowDigests current = currents.has(name) ? LakeTable.current(currents, table) : new RowDigests();
        List<String> differing = there.differing(here.rows());
        List<String> currentDiffering = there.differing(current);
        WarehouseSide warehouse = mirrors == null ? null : new WarehouseSide(mirrors);
        RowDigests mirror = warehouse == null ? null : warehouse.has(table) ? warehouse.read(table) : new RowDigests();
        List<String> mirrorDiffering = mirror == null ? List.of() : there.differing(mirror);
        return new TableAudit(
                name,
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
