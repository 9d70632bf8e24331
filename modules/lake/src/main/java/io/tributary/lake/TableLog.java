package io.tributary.lake;

import io.tributary.change.SourcePartition;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The log of a lake's tables: which files a table has, and, in the same atomic entry, how far it has come. The door for
 * another table format: {@link DeltaLog} is the first.
 */
interface TableLog {
    /** What a table holds, and how far it has come. */
    State read(String path) throws IOException;

    /** Whether a version that was read is still in the table's log: not where an older copy was put in its place. */
    boolean isAt(String path, State state) throws IOException;

    /** The table's columns as they are now; the same list where no commit since has changed them, seen by those alone. */
    Columns columns(String path, Columns known) throws IOException;

    /** The data files of a version that was read, or committed. */
    List<LiveFile> files(String path, State state) throws IOException;

    /** The files that commits have given up, and when, in milliseconds since 1970: older versions still have them. */
    Map<String, Long> givenUp(String path, State state) throws IOException;

    /** The files that the newest commit announced, and which may not be visible yet. */
    List<DataFile> announced(String path, State state) throws IOException;

    /**
     * Commits to a table; makes it if it is not there.
     *
     * @param expected what the commit was decided by
     * @return what the table holds then
     * @throws Conflict if another commit came first
     */
    State commit(String path, State expected, Actions actions) throws Conflict, IOException;

    /** What a log has of a version that was read. */
    interface View {}

    /** What a log has of a file. */
    interface Entry {}

    /**
     * What a version of a table holds; version -1 and nothing for a table that is not there.
     *
     * @param topicIds of which topics it is, by name, where that is known
     * @param parts the fences of each part, of a table whose parts are replaced
     * @param files how many files were ever added by checkpoints
     */
    record State(
            long version,
            List<LakeColumn> columns,
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds,
            Map<Part, Map<SourcePartition, Long>> parts,
            long files,
            @Nullable View view) {
        static final State ABSENT = new State(-1, List.of(), Map.of(), Map.of(), Map.of(), 0, null);
    }

    /** A table's columns as of a version, or of an earlier one since which they have not changed. */
    record Columns(long version, List<LakeColumn> list) {}

    /**
     * A data file of a version.
     *
     * @param path below its table
     * @param part which part of the table it has, or null
     * @param epochDay its partition, or {@link DataFile#NO_DAY}
     * @param size in bytes
     * @param stats as {@link FileStats} has them, if the log has any
     * @param entry what the log has of it
     */
    record LiveFile(
            String path,
            @Nullable Part part,
            int epochDay,
            long size,
            @Nullable String stats,
            Entry entry) {}

    /**
     * A data file to be replaced by a copy with the same rows.
     *
     * @param copy the copy's path, in the folder of the file
     * @param stats as {@link FileStats} has them
     */
    record Replaced(LiveFile file, String copy, long size, String stats) {}

    /**
     * A data file to be added.
     *
     * @param part which part of the table it is of, or null
     * @param isAnnounced whether it becomes visible after the commit: then the log has what makes it so
     */
    record Added(DataFile file, @Nullable Part part, boolean isAnnounced) {}

    /**
     * What a commit does.
     *
     * @param columns the table's to be: as wide, in the files added and in all that remain
     * @param replaced the table's files that are given up for copies
     * @param removed the table's files that are given up
     * @param fences to be moved
     * @param topicIds of the topics, where they are known
     * @param parts the fences of parts to be moved
     * @param files how many files checkpoints have added then
     * @param dataChange whether the table has other rows then
     */
    record Actions(
            List<LakeColumn> columns,
            List<Added> added,
            List<Replaced> replaced,
            List<LiveFile> removed,
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds,
            Map<Part, Map<SourcePartition, Long>> parts,
            long files,
            boolean dataChange) {}

    /** Another commit came between: read the table again. */
    static final class Conflict extends Exception {
        Conflict(Throwable cause) {
            super(cause);
        }
    }
}
