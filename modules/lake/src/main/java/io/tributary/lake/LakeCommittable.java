package io.tributary.lake;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Marks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What one checkpoint adds to the lake: first a writer's part, then, gathered, all of it. */
record LakeCommittable(long checkpointId, List<TableCommit> tables) {
    /** The same of histories: savepoints of before dead letters had a sink of their own have their mark here. */
    static @Nullable LakeCommittable gatheredWithoutLetters(
            long checkpointId, List<LakeCommittable> stale, List<LakeCommittable> parts, Marks marks) {
        marks.forget(TableFormat.DELTA + "\n" + LakePath.of(DeadLetters.TABLE));
        return gathered(checkpointId, stale, parts, marks);
    }

    /** All parts of a checkpoint, with where they begin; null where there is none. */
    static @Nullable LakeCommittable gathered(
            long checkpointId, List<LakeCommittable> stale, List<LakeCommittable> parts, Marks marks) {
        Map<String, List<TableCommit>> byPlace = Stream.concat(stale.stream(), parts.stream())
                .flatMap(part -> part.tables().stream())
                .collect(Collectors.groupingBy(LakeCommittable::place, LinkedHashMap::new, Collectors.toList()));
        List<TableCommit> all = new ArrayList<>();
        byPlace.forEach((place, commits) -> {
            if (commits.get(0).part() != null) { // it takes the place of what is there, whatever that is
                all.addAll(commits);
                return;
            }
            Map<SourcePartition, OffsetRange> ranges = marks.pass(place, TableCommit.offsets(commits));
            commits.stream()
                    .filter(commit -> !commit.isProof()) // it is only of what the table has
                    .forEach(commit -> all.add(commit.within(ranges)));
        });
        marks.prove().forEach((place, ranges) -> all.add(proof(place, ranges)));
        return all.isEmpty() ? null : new LakeCommittable(checkpointId, all);
    }

    /** A table's format, and its path: a line each. */
    private static String place(TableCommit commit) {
        return commit.format() + "\n" + commit.path();
    }

    /** Adds nothing, and must find that all is there that was added before. */
    private static TableCommit proof(String place, Map<SourcePartition, OffsetRange> ranges) {
        List<String> lines = place.lines().toList();
        return new TableCommit(lines.get(1), TableFormat.valueOf(lines.get(0)), null, List.of(), List.of(), ranges);
    }
}
