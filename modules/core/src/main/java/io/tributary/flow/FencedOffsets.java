package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.util.Map;
import java.util.TreeMap;

/** The places of the changes that a writer takes for one table, and which of them the table has already. */
public final class FencedOffsets {
    private final Map<SourcePartition, Long> fences;
    /** What is offered again is fenced by its place there: its own place is behind the fence. */
    private final SourcePartition replays;

    private final Place replayed;
    private final Map<SourcePartition, Place> places = new TreeMap<>();
    private long lastSchema;
    private int lastPartition = -1;
    private Place last = new Place(0);

    private static final class Place {
        final long fence;
        String topicId = "";
        long first = -1;
        long end;
        /** The last offset that the table has already, of those since the last call. */
        long skipped = -1;

        Place(long fence) {
            this.fence = fence;
        }

        void take(SourcePartition partition, Map<SourcePartition, OffsetRange> ranges) {
            if (first >= 0) {
                ranges.put(partition, new OffsetRange(topicId, OffsetRange.UNKNOWN, first, end));
                first = -1;
                end = 0;
            }
        }
    }

    /**
     * Begins with what the table has.
     *
     * @param fences the next offset that the table lacks, by partition: read once, at the table's first change
     * @param replays the partition of dead letters that are offered again: 0 of the topic of {@code SinkFile.source().replays()}
     */
    public FencedOffsets(Map<SourcePartition, Long> fences, SourcePartition replays) {
        this.fences = fences;
        this.replays = replays;
        this.replayed = new Place(fences.getOrDefault(replays, 0L));
    }

    /**
     * Whether the table has not got the change yet.
     *
     * @param schema the change's {@link Change#imageSchema}
     */
    public boolean isLacking(Change change, TableSchema schema) {
        return offset(change) >= place(change, schema).fence;
    }

    /** Takes a change that the table is lacking, with the same schema. */
    public void add(Change change, TableSchema schema) {
        Place place = place(change, schema);
        long offset = offset(change);
        place.first = place.first < 0 ? offset : Math.min(place.first, offset);
        place.end = Math.max(place.end, offset);
    }

    /** Lets a change go that the table has, with the same schema. */
    public void skip(Change change, TableSchema schema) {
        Place place = place(change, schema);
        place.skipped = Math.max(place.skipped, offset(change));
    }

    /**
     * How far what was skipped since the last call comes: ranges without rows. The topic they are of is checked when a job starts, by
     * {@link io.tributary.change.Reached#topicIds}.
     */
    public Map<SourcePartition, OffsetRange> skipped() {
        Map<SourcePartition, OffsetRange> ranges = new TreeMap<>();
        places.forEach((partition, place) -> {
            if (place.skipped >= 0) {
                ranges.put(partition, OffsetRange.empty(place.skipped + 1));
                place.skipped = -1;
            }
        });
        return ranges;
    }

    private static long offset(Change change) {
        return change.replay < 0 ? change.offset : change.replay;
    }

    private Place place(Change change, TableSchema schema) {
        if (change.replay >= 0) {
            return replayed;
        }
        int partition = change.partition;
        if (partition != lastPartition || schema.id() != lastSchema) {
            lastPartition = partition;
            lastSchema = schema.id();
            last = places.computeIfAbsent(
                    new SourcePartition(schema.topic(), partition), p -> new Place(fences.getOrDefault(p, 0L)));
            last.topicId = schema.told().topicId();
        }
        return last;
    }

    /** The partition whose fence decides about a change. */
    public SourcePartition fencedBy(Change change, TableSchema schema) {
        return change.replay < 0 ? new SourcePartition(schema.topic(), change.partition) : replays;
    }

    /** What was taken since the last call. */
    public Map<SourcePartition, OffsetRange> take() {
        Map<SourcePartition, OffsetRange> ranges = new TreeMap<>();
        places.forEach((partition, place) -> place.take(partition, ranges));
        replayed.take(replays, ranges);
        return ranges;
    }
}
