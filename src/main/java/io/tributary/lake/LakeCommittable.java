package io.tributary.lake;

import java.util.List;

/** What one checkpoint adds to the lake: first a writer's part, then, gathered, all of it. */
record LakeCommittable(long checkpointId, List<TableCommit> tables) {
    static LakeCommittable gathered(long checkpointId, List<LakeCommittable> parts) {
        return new LakeCommittable(
                checkpointId,
                parts.stream().flatMap(part -> part.tables().stream()).toList());
    }
}
