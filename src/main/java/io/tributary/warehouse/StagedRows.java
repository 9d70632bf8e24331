package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
        boolean hasHistory) {

    /** A range of offsets of one source partition. */
    record Place(String topic, int partition, long first, long last) {}

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
                        entry.getValue().last()))
                .toList();
    }

    /** The offsets of all parts. */
    static Map<SourcePartition, OffsetRange> offsets(List<StagedRows> parts) {
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        parts.forEach(part -> part.places.forEach(place -> offsets.merge(
                new SourcePartition(place.topic, place.partition),
                new OffsetRange(place.first, place.last),
                OffsetRange::with)));
        return offsets;
    }
}
