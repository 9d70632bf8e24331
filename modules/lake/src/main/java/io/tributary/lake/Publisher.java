package io.tributary.lake;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.lake.TableLog.LiveFile;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Brings a checkpoint's parts into one table: makes their files visible, brings those and the table's own to the widest
 * type of each column, and commits all of it at once.
 */
final class Publisher {
    private final SinkSteps steps;
    private final TableLog log;
    private final Map<TableFormat, Publication> publications = new EnumMap<>(TableFormat.class);
    private final ReplacedFiles replaced;
    /** The tables as the last commit left them: another's shows when the next one fails. */
    private final Map<String, TableLog.State> known = new ConcurrentHashMap<>();

    Publisher(String lake, SinkSteps steps) {
        this.steps = steps;
        this.log = new DeltaLog(lake);
        this.replaced = new ReplacedFiles(lake);
        PendingFiles pending = new PendingFiles(lake);
        for (TableFormat format : TableFormat.values()) {
            publications.put(
                    format,
                    switch (format) {
                        case DELTA -> new LoggedFiles(lake, log, pending, steps);
                        case PARQUET, JSON, CSV, CSV_GUARDED -> new AnnouncedFiles(format, log, pending, steps);
                    });
        }
    }

    /** How many files and commits a table ever had. */
    record Published(long files, long commits) {
        static Published of(TableLog.State state) {
            return new Published(state.files(), state.version() + 1);
        }
    }

    /** Publishes the parts of a checkpoint, unless that is done; may be tried again after any failure. */
    Published publish(String table, List<TableCommit> parts) throws IOException, TableLog.Conflict {
        boolean done = false;
        try {
            TableFormat format = parts.get(0).format();
            TableLog.State before = known.get(table);
            boolean isBack = before != null && !log.isAt(LakePath.log(format, table), before);
            Part part = parts.get(0).part();
            if (isBack && part != null && !part.isWhole()) {
                throw LakeConflictException.wentBack(table);
            }
            if (before == null || isBack) {
                before = open(table, format);
            }
            TableLog.State after =
                    parts.get(0).part() == null ? append(table, before, parts) : replace(table, before, parts);
            known.put(table, after);
            done = true;
            return Published.of(after);
        } finally {
            if (!done) {
                known.remove(table); // another may have written
            }
        }
    }

    private TableLog.State open(String table, TableFormat format) throws IOException {
        TableLog.State state = Objects.requireNonNull(publications.get(format)).open(table);
        TableFormat other = format == TableFormat.DELTA ? TableFormat.PARQUET : TableFormat.DELTA;
        if (state.version() < 0 && log.read(LakePath.log(other, table)).version() >= 0) {
            throw new LakeConflictException(table, format);
        }
        return state;
    }

    /** Adds rows to a history. */
    private TableLog.State append(String table, TableLog.State state, List<TableCommit> parts)
            throws IOException, TableLog.Conflict {
        Map<SourcePartition, OffsetRange> offsets = TableCommit.offsets(parts);
        if (isPublished(table, offsets, state)) {
            return state;
        }
        List<TableCommit> added = parts.stream().filter(part -> !part.isProof()).toList();
        return commit(table, state, added, List.of(), offsets, Map.of());
    }

    /**
     * Puts parts of a table in the place of those it has. A part that comes as far as the table has it, or less far, is left
     * out: then the job catches up, and what it has not come to yet brings the part again.
     */
    private TableLog.State replace(String table, TableLog.State state, List<TableCommit> parts)
            throws IOException, TableLog.Conflict {
        Map<Part, TableCommit> newer = new LinkedHashMap<>();
        for (TableCommit commit : parts) {
            Part part = Objects.requireNonNull(commit.part());
            for (Part there : state.parts().keySet()) {
                if (there.of() != part.of()) {
                    throw new LakeConflictException(table, there, part);
                }
            }
            if (isNewer(part, commit.ends(), state)) {
                newer.merge(part, commit, (one, other) -> isNewer(other.ends(), one.ends()) ? other : one);
            }
        }
        if (newer.isEmpty()) {
            return state;
        }
        List<LiveFile> removed = new ArrayList<>();
        for (LiveFile file : publication(parts).files(table, state)) {
            if (file.part() == null && !isWhole(newer)) {
                throw LakeConflictException.foreign(table, file.path());
            }
            if (file.part() == null || file.part().isWhole() || newer.containsKey(file.part())) {
                removed.add(file);
            }
        }
        Map<Part, Map<SourcePartition, Long>> ends = new LinkedHashMap<>();
        newer.forEach((part, commit) -> ends.put(part, commit.ends()));
        if (!replaced.knows(table)) {
            replaced.add(table, log.givenUp(table, state), System.currentTimeMillis());
        }
        TableLog.State after = commit(table, state, List.copyOf(newer.values()), removed, Map.of(), ends);
        long now = System.currentTimeMillis();
        replaced.add(table, removed.stream().map(LiveFile::path).toList(), now);
        replaced.delete(table, now);
        return after;
    }

    private static boolean isWhole(Map<Part, TableCommit> parts) {
        return parts.keySet().iterator().next().isWhole();
    }

    /** A table of one part, computed otherwise than before, is newer where it comes as far. */
    private static boolean isNewer(Part part, Map<SourcePartition, Long> ends, TableLog.State state) {
        Map<SourcePartition, Long> same = state.parts().get(part);
        if (same != null || !part.isWhole()) {
            return isNewer(ends, same == null ? Map.of() : same);
        }
        return state.parts().values().stream().noneMatch(other -> isNewer(other, ends) && !isNewer(ends, other));
    }

    /** Whether the ends are further in one partition and less far in none. */
    private static boolean isNewer(Map<SourcePartition, Long> ends, Map<SourcePartition, Long> than) {
        boolean isFurther = than.isEmpty();
        for (Map.Entry<SourcePartition, Long> entry : than.entrySet()) {
            if (ends.getOrDefault(entry.getKey(), 0L) < entry.getValue()) {
                return false;
            }
        }
        for (Map.Entry<SourcePartition, Long> entry : ends.entrySet()) {
            isFurther |= entry.getValue() > than.getOrDefault(entry.getKey(), 0L);
        }
        return isFurther;
    }

    private TableLog.State commit(
            String table,
            TableLog.State state,
            List<TableCommit> parts,
            List<LiveFile> removed,
            Map<SourcePartition, OffsetRange> offsets,
            Map<Part, Map<SourcePartition, Long>> partFences)
            throws IOException, TableLog.Conflict {
        Part only = parts.get(0).part();
        boolean isWhole = only != null && only.isWhole(); // no other file remains: columns are as the rows have them
        List<LakeColumn> existing = isWhole ? parts.get(0).over(state.columns()) : state.columns();
        List<LakeColumn> columns = TableCommit.columns(existing, parts);
        steps.reached(table, LakeStep.BEGUN);
        return publication(parts)
                .commit(new Publication.Parts(table, state, parts, existing, columns, removed, offsets, partFences));
    }

    private Publication publication(List<TableCommit> parts) {
        return Objects.requireNonNull(publications.get(parts.get(0).format()));
    }

    private static boolean isPublished(String table, Map<SourcePartition, OffsetRange> offsets, TableLog.State state)
            throws IOException {
        return prove(table, offsets, state.fences(), state.topicIds()) == OffsetRange.Covered.ALL;
    }

    /** @throws LakeConflictException if the table has not what it must have before the ranges can come, or all that they are */
    private static OffsetRange.Covered prove(
            String table,
            Map<SourcePartition, OffsetRange> offsets,
            Map<SourcePartition, Long> fences,
            Map<String, String> topicIds)
            throws IOException {
        OffsetRange.Covered covered = OffsetRange.covered(offsets, fences, topicIds);
        return switch (covered) {
            case NOTHING, ALL -> covered;
            case PART -> throw new LakeConflictException(table, offsets, fences);
            case GAP -> throw LakeConflictException.lost(table, OffsetRange.lost(offsets, fences));
            case OTHER_TOPIC -> throw LakeConflictException.lost(table, OffsetRange.others(offsets, topicIds));
        };
    }
}
