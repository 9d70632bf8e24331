package io.tributary.lake;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.flow.Marks;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What one checkpoint adds to the lake: first a writer's part, then, gathered, all of it. */
record LakeCommittable(long checkpointId, List<TableCommit> tables) {
    /** All parts of a checkpoint, with where they begin; null where there is none. */
    static @Nullable LakeCommittable gathered(long checkpointId, List<LakeCommittable> parts, Marks marks) {
        Map<String, List<TableCommit>> byPlace = parts.stream()
                .flatMap(part -> part.tables().stream())
                .collect(Collectors.groupingBy(LakeCommittable::place, LinkedHashMap::new, Collectors.toList()));
        List<TableCommit> all = new ArrayList<>();
        byPlace.forEach((place, commits) -> {
            Map<SourcePartition, OffsetRange> ranges = marks.pass(place, TableCommit.offsets(commits));
            // of a part, the newest of several commits decides, by its own offsets
            commits.forEach(commit -> all.add(commit.part() == null ? commit.within(ranges) : commit));
        });
        marks.prove().forEach((place, ranges) -> all.add(proof(place, ranges)));
        return all.isEmpty() ? null : new LakeCommittable(checkpointId, all);
    }

    /** What has fences of its own: a table's format, its path, and the part of it; a line each. */
    private static String place(TableCommit commit) {
        return commit.format() + "\n" + commit.path() + (commit.part() == null ? "" : "\n" + commit.part());
    }

    /** Adds nothing, and must find that all is there that was added before. */
    private static TableCommit proof(String place, Map<SourcePartition, OffsetRange> ranges) {
        List<String> lines = place.lines().toList();
        return new TableCommit(
                lines.get(1),
                TableFormat.valueOf(lines.get(0)),
                lines.size() > 2 ? Part.parse(lines.get(2)) : null,
                List.of(),
                List.of(),
                ranges);
    }
}
