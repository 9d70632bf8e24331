package io.tributary.change;

import java.util.Map;
import java.util.TreeMap;

/** Source offsets, both ends included. */
public record OffsetRange(long first, long last) {
    /** What of some ranges a fence covers. */
    public enum Covered {
        NOTHING,
        ALL,
        /** Some and not the rest: another job wrote there with other checkpoints. */
        PART
    }

    /** The least range that has both. */
    public OffsetRange with(OffsetRange other) {
        return new OffsetRange(Math.min(first, other.first), Math.max(last, other.last));
    }

    /** The next offset of each partition. */
    public static Map<SourcePartition, Long> ends(Map<SourcePartition, OffsetRange> ranges) {
        Map<SourcePartition, Long> ends = new TreeMap<>();
        ranges.forEach((partition, range) -> ends.put(partition, range.last + 1));
        return ends;
    }

    /** @param fences the next offset that is lacking, by partition */
    public static Covered covered(Map<SourcePartition, OffsetRange> ranges, Map<SourcePartition, Long> fences) {
        int all = 0;
        for (Map.Entry<SourcePartition, OffsetRange> entry : ranges.entrySet()) {
            long fence = fences.getOrDefault(entry.getKey(), 0L);
            if (entry.getValue().last < fence) {
                all++;
            } else if (entry.getValue().first < fence) {
                return Covered.PART;
            }
        }
        return all == 0 ? Covered.NOTHING : all == ranges.size() ? Covered.ALL : Covered.PART;
    }
}
