package io.tributary.lake;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.lake.TableLog.LiveFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** In which order a table's log and its files come before readers, by the table's format. */
interface Publication {
    /**
     * What a checkpoint brings to one table.
     *
     * @param state what it was decided by
     * @param existing the columns of files that remain
     * @param columns the table's columns to be
     * @param removed the table's files that are given up
     * @param offsets the ranges of a history's rows, and their topics
     * @param partFences the ends of parts that are replaced
     */
    record Parts(
            String table,
            TableLog.State state,
            List<TableCommit> list,
            List<LakeColumn> existing,
            List<LakeColumn> columns,
            List<LiveFile> removed,
            Map<SourcePartition, OffsetRange> offsets,
            Map<Part, Map<SourcePartition, Long>> partFences) {
        TableLog.Actions actions(List<TableLog.Added> added, List<TableLog.Replaced> replaced) {
            return new TableLog.Actions(
                    columns,
                    added,
                    replaced,
                    removed,
                    OffsetRange.ends(offsets),
                    OffsetRange.topicIds(offsets),
                    partFences,
                    state.files() + added.size(),
                    true);
        }
    }

    /** The table as it is; what somebody left half done is done. */
    TableLog.State open(String table) throws IOException;

    /** The files that other parts of the table may take the place of, by an entry in the log. */
    List<LiveFile> files(String table, TableLog.State state) throws IOException;

    /** Makes the parts' files visible, and puts the entry. */
    TableLog.State commit(Parts parts) throws IOException, TableLog.Conflict;
}
