package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows of one table that a writer has put into its staging table, durably, between two checkpoints.
 *
 * @param mirror the table of the warehouse
 * @param key the names of the mirror's key columns; empty for a table without a key
 * @param columns the names that the columns of the newest rows have in the mirror
 * @param allColumns with those that only earlier rows have
 * @param firstSeq the least of the rows' {@code cdc_seq}
 * @param lastSeq the greatest
 * @param rows how many there are
 * @param begins where the first change stands in the source's order, which holds for all partitions
 * @param ends where the last one stands
 * @param places their source offsets
 * @param truncates what among them empties the table
 * @param deletes what becomes of rows that were deleted
 * @param hasHistory whether the mirror has a history
 * @param whole of rows that take the place of all that the mirror has; null where they are changes
 */
record StagedRows(
        TableName source,
        TableName mirror,
        List<String> key,
        List<String> columns,
        List<String> allColumns,
        long firstSeq,
        long lastSeq,
        long rows,
        long begins,
        long ends,
        List<Place> places,
        List<Truncate> truncates,
        Deletes deletes,
        boolean hasHistory,
        @Nullable Whole whole) {

    /** The end of the position of a change that was never the newest of its row: it came behind a later one, by another partition. */
    static final String LATE = ":late";

    /** The offset that such rows have in the staging table: no fence passes it. */
    static final long WHOLE_OFFSET = Long.MAX_VALUE;

    /**
     * All rows of some of a table's buckets.
     *
     * @param buckets how many
     * @param of how many the table has
     * @param ends how far they come, as ranges without rows
     * @param letGo changes since the last checkpoint that are in the rows, and were not staged; null in what an earlier version staged
     */
    record Whole(
            int buckets, int of, List<Place> ends, @Nullable List<Place> letGo) {
        /** The same, which lets these go. */
        Whole without(List<Place> places) {
            return new Whole(buckets, of, ends, places);
        }
    }

    /**
     * A range of offsets of one source partition, as {@link OffsetRange} has it.
     *
     * @param topicId null in what an earlier version staged, as is {@code from}
     */
    record Place(
            String topic,
            int partition,
            long first,
            long last,
            @Nullable String topicId,
            @Nullable Long from) {
        private OffsetRange range() {
            return new OffsetRange(
                    topicId == null ? "" : topicId, from == null ? OffsetRange.UNKNOWN : from, first, last);
        }

        static void addTo(Map<SourcePartition, OffsetRange> offsets, List<Place> places) {
            places.forEach(place ->
                    offsets.merge(new SourcePartition(place.topic, place.partition), place.range(), OffsetRange::with));
        }
    }

    /**
     * Where a truncate stands.
     *
     * @param sequence the source's order, which decides about the rows of other partitions
     */
    record Truncate(int partition, long offset, long sequence) {}

    static List<Place> places(Map<SourcePartition, OffsetRange> offsets) {
        return offsets.entrySet().stream()
                .map(entry -> new Place(
                        entry.getKey().topic(),
                        entry.getKey().partition(),
                        entry.getValue().first(),
                        entry.getValue().last(),
                        entry.getValue().topicId(),
                        entry.getValue().from()))
                .toList();
    }

    /** The offsets of all parts. */
    static Map<SourcePartition, OffsetRange> offsets(List<StagedRows> parts) {
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        parts.forEach(part -> Place.addTo(offsets, part.places));
        return offsets;
    }

    /** How far a mirror comes that has all that was given: a range for each partition, which ends there. */
    static Map<SourcePartition, OffsetRange> reached(List<StagedRows> parts) {
        Map<SourcePartition, OffsetRange> reached = new TreeMap<>();
        offsets(parts).forEach((partition, range) -> {
            long last = Math.max(range.from(), range.last() + 1) - 1;
            reached.put(partition, new OffsetRange(range.topicId(), range.from(), last, last));
        });
        return reached;
    }

    /** Of rows of a whole table, the changes that were not staged for them. */
    List<Place> letsGo() {
        return whole == null || whole.letGo == null ? List.of() : whole.letGo;
    }

    /** The same rows of a whole table, without these changes beside those that it lets go. */
    StagedRows lacking(List<Place> more) {
        if (whole == null || more.isEmpty()) {
            return this;
        }
        List<Place> all = new ArrayList<>(more);
        all.addAll(letsGo());
        return with(places, whole.without(List.copyOf(all)));
    }

    /** The same as one of the parts that bring all that is at these places. */
    StagedRows within(List<Place> all) {
        return with(all, whole);
    }

    private StagedRows with(List<Place> all, @Nullable Whole ofTable) {
        return new StagedRows(
                source,
                mirror,
                key,
                columns,
                allColumns,
                firstSeq,
                lastSeq,
                rows,
                begins,
                ends,
                all,
                truncates,
                deletes,
                hasHistory,
                ofTable);
    }
}
