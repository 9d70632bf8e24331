package io.tributary.changelog;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.io.Serializable;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Of which tables the rows are given as a whole, and when.
 *
 * @param every at each so many-th checkpoint; 0 for never. The number of the checkpoint decides, so that all tasks give theirs
 *     at the same
 * @param without tables whose rows are not given
 * @param buckets of how many buckets a table is, by table, where it is not one
 * @param replays the topic of dead letters that are offered again
 * @param there how far the rows come that the sink has when the job starts, by bucket
 */
public record CurrentSettings(
        int every,
        Set<String> without,
        Map<String, Integer> buckets,
        String replays,
        Map<Long, Map<SourcePartition, Long>> there)
        implements Serializable {
    public static final CurrentSettings OFF = new CurrentSettings(0, Set.of(), Map.of(), "", Map.of());

    public CurrentSettings {
        without = new HashSet<>(without);
        buckets = new HashMap<>(buckets);
        there = new HashMap<>(there);
        there.replaceAll((bucket, ends) -> new HashMap<>(ends));
    }

    public boolean isOn() {
        return every > 0;
    }

    boolean isDue(long checkpoint) {
        return every > 0 && checkpoint % every == 0;
    }

    boolean has(TableName table) {
        return !without.contains(table.toString());
    }

    int bucketsOf(TableName table) {
        return buckets.getOrDefault(table.toString(), 1);
    }

    /** Whether the sink has rows of the bucket that come as far, or further: then the job has not caught up. */
    boolean isBehind(long bucket, Map<SourcePartition, Long> ends) {
        for (Map.Entry<SourcePartition, Long> end :
                there.getOrDefault(bucket, Map.of()).entrySet()) {
            if (ends.getOrDefault(end.getKey(), 0L) < end.getValue()) {
                return true;
            }
        }
        return false;
    }

    /** Whether the sink lacks rows that the bucket has. */
    boolean isAhead(long bucket, Map<SourcePartition, Long> ends) {
        Map<SourcePartition, Long> known = there.getOrDefault(bucket, Map.of());
        return known.isEmpty() || !known.equals(ends) && !isBehind(bucket, ends);
    }
}
