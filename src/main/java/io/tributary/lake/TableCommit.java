package io.tributary.lake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What one checkpoint adds to one table.
 *
 * @param path the table's folder below the lake
 * @param columns the table's columns, those of the partition included
 * @param offsets the first and last source offset of the rows, by source partition
 */
record TableCommit(String path, List<LakeColumn> columns, List<DataFile> files, Map<SourcePartition, Range> offsets) {

    /** A partition of a topic: what a fence belongs to. */
    record SourcePartition(String topic, int partition) implements Comparable<SourcePartition> {
        // by hand: see TableName
        @Override
        public boolean equals(Object o) {
            return o instanceof SourcePartition other && topic.equals(other.topic) && partition == other.partition;
        }

        @Override
        public int hashCode() {
            return 31 * topic.hashCode() + partition;
        }

        @Override
        public int compareTo(SourcePartition other) {
            int byTopic = topic.compareTo(other.topic);
            return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
        }

        @Override
        public String toString() {
            return topic + "-" + partition;
        }
    }

    /** Offsets, both ends included. */
    record Range(long first, long last) {
        Range with(Range other) {
            return new Range(Math.min(first, other.first), Math.max(last, other.last));
        }
    }

    /** @throws LakeConflictException if two columns, of this commit or of the table, share a name and are not the same */
    void checkColumns(List<LakeColumn> existing) throws LakeConflictException {
        Map<String, LakeColumn> byName = new HashMap<>();
        for (List<LakeColumn> some : List.of(existing, columns)) {
            for (LakeColumn column : some) {
                LakeColumn other = byName.putIfAbsent(column.name().toLowerCase(Locale.ROOT), column);
                if (other != null && !other.equals(column)) {
                    throw new LakeConflictException(path, other, column);
                }
            }
        }
    }

    /** This and another writer's part of the same checkpoint. */
    TableCommit with(TableCommit other) {
        Set<LakeColumn> allColumns = new LinkedHashSet<>(columns);
        allColumns.addAll(other.columns);
        List<DataFile> allFiles = new ArrayList<>(files);
        allFiles.addAll(other.files);
        Map<SourcePartition, Range> allOffsets = new TreeMap<>(offsets);
        other.offsets.forEach((partition, range) -> allOffsets.merge(partition, range, Range::with));
        return new TableCommit(path, List.copyOf(allColumns), allFiles, allOffsets);
    }
}
