package io.tributary.change;

import java.io.Serializable;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Source offsets of rows that go to a sink together.
 *
 * @param topicId which topic of that name they are of; empty where it is not known
 * @param from the next offset after all that went to the sink before: what lies between that and {@code first} is of no row of the
 *     table. 0 where nothing went before, {@link #UNKNOWN} where it is not known what did
 * @param first of the rows
 * @param last of the rows; less than {@code first} where the partition has none
 */
public record OffsetRange(String topicId, long from, long first, long last) implements Serializable {
    /** Of parts that an earlier version made. */
    public static final long UNKNOWN = -1;

    public OffsetRange(long first, long last) {
        this("", UNKNOWN, first, last);
    }

    /** Of a partition of which nothing goes to the sink this time. */
    public static OffsetRange empty(long from) {
        return new OffsetRange("", from, from, from - 1);
    }

    /** How some ranges lie to what a sink has. */
    public enum Covered {
        NOTHING,
        /** Also where there is nothing to cover. */
        ALL,
        /** Some and not the rest: another job wrote there with other checkpoints. */
        PART,
        /** The sink ends before they begin: it has lost what it had. */
        GAP,
        /** What the sink has is of an earlier topic of the same name. */
        OTHER_TOPIC
    }

    public boolean isEmpty() {
        return last < first;
    }

    /** The least range that has both. */
    public OffsetRange with(OffsetRange other) {
        String id = topicId.isEmpty() ? other.topicId : topicId;
        long begin = Math.max(from, other.from);
        if (isEmpty() && other.isEmpty()) {
            return new OffsetRange(id, begin, Math.max(first, other.first), Math.max(last, other.last));
        }
        if (isEmpty() || other.isEmpty()) { // what has no rows says nothing of where they begin
            OffsetRange rows = isEmpty() ? other : this;
            return new OffsetRange(id, begin, rows.first, rows.last);
        }
        return new OffsetRange(id, begin, Math.min(first, other.first), Math.max(last, other.last));
    }

    /** The next offset of each partition that has rows. */
    public static Map<SourcePartition, Long> ends(Map<SourcePartition, OffsetRange> ranges) {
        Map<SourcePartition, Long> ends = new TreeMap<>();
        ranges.forEach((partition, range) -> {
            if (!range.isEmpty()) {
                ends.put(partition, range.last + 1);
            }
        });
        return ends;
    }

    /** The ids of the topics, where they are known. */
    public static Map<String, String> topicIds(Map<SourcePartition, OffsetRange> ranges) {
        Map<String, String> ids = new TreeMap<>();
        ranges.forEach((partition, range) -> {
            if (!range.topicId.isEmpty()) {
                ids.put(partition.topic(), range.topicId);
            }
        });
        return ids;
    }

    /** Whether it is known of all ranges that have rows where they begin. */
    public static boolean isProven(Map<SourcePartition, OffsetRange> ranges) {
        return ranges.values().stream().allMatch(range -> range.from != UNKNOWN);
    }

    /** What a sink lacks that {@link Covered#GAP} was said of, in words. */
    public static String lost(Map<SourcePartition, OffsetRange> ranges, Map<SourcePartition, Long> fences) {
        return ranges.entrySet().stream()
                .filter(entry -> entry.getValue().from > fences.getOrDefault(entry.getKey(), 0L))
                .map(entry ->
                        "it has what is before offset %d of %s, and the job goes on at offset %d: what lies between is missing"
                                .formatted(
                                        fences.getOrDefault(entry.getKey(), 0L),
                                        Printable.of(entry.getKey().toString()),
                                        entry.getValue().from))
                .collect(Collectors.joining(", "));
    }

    /** Of which earlier topics a sink has rows that {@link Covered#OTHER_TOPIC} was said of, in words. */
    public static String others(Map<SourcePartition, OffsetRange> ranges, Map<String, String> known) {
        return topicIds(ranges).entrySet().stream()
                .filter(topic ->
                        !known.getOrDefault(topic.getKey(), topic.getValue()).equals(topic.getValue()))
                .map(topic ->
                        "its rows are of an earlier topic %s, with the id %s, which was deleted and made anew, with the id %s"
                                .formatted(Printable.of(topic.getKey()), known.get(topic.getKey()), topic.getValue()))
                .collect(Collectors.joining(", "));
    }

    /**
     * How ranges lie to what a sink has.
     *
     * @param fences the next offset that is lacking, by partition
     * @param topicIds of which topics it is, by name, where that is known
     */
    public static Covered covered(
            Map<SourcePartition, OffsetRange> ranges, Map<SourcePartition, Long> fences, Map<String, String> topicIds) {
        int all = 0;
        int lacking = 0;
        boolean isGap = false;
        for (Map.Entry<SourcePartition, OffsetRange> entry : ranges.entrySet()) {
            SourcePartition partition = entry.getKey();
            OffsetRange range = entry.getValue();
            String known = topicIds.getOrDefault(partition.topic(), "");
            if (!known.isEmpty() && !range.topicId.isEmpty() && !known.equals(range.topicId)) {
                return Covered.OTHER_TOPIC;
            }
            long fence = fences.getOrDefault(partition, 0L);
            if (range.isEmpty() || range.first >= fence) {
                isGap |= range.from > fence;
                lacking += range.isEmpty() ? 0 : 1;
            } else if (range.last < fence) {
                all++;
            } else {
                return Covered.PART;
            }
        }
        if (all > 0 && lacking > 0) {
            return Covered.PART;
        }
        if (isGap) {
            return Covered.GAP;
        }
        return lacking > 0 ? Covered.NOTHING : Covered.ALL;
    }
}
