package io.tributary.audit;

import io.tributary.change.TableName;
import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * One table, compared.
 *
 * @param lakeRows the history folded to current rows
 * @param historyRows the history as it is
 * @param repeated rows of the history that share topic, partition and offset with another: 0 if each change is there once
 * @param differingKeys the first keys that differ
 */
public record TableAudit(
        TableName table,
        long sourceRows,
        long lakeRows,
        long historyRows,
        long repeated,
        long differing,
        List<String> differingKeys,
        String sourceChecksum,
        String lakeChecksum) {
    private static final int SHOWN = 20;

    /** Compares a table of PostgreSQL with its history in the lake; the source must be still. */
    public static TableAudit of(Connection source, LakeReader lake, TableName name) throws SQLException, IOException {
        SourceTable table = SourceTable.of(source, name);
        RowDigests there = table.read(source);
        LakeTable.Folded here =
                lake.has(name) ? LakeTable.read(lake, table) : new LakeTable.Folded(new RowDigests(), 0, 0);
        List<String> differing = there.differing(here.rows());
        return new TableAudit(
                name,
                there.size(),
                here.rows().size(),
                here.events(),
                here.repeated(),
                differing.size(),
                differing.subList(0, Math.min(SHOWN, differing.size())),
                there.checksum(),
                here.rows().checksum());
    }

    public boolean agrees() {
        return differing == 0 && repeated == 0;
    }
}
