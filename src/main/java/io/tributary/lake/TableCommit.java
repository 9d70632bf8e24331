package io.tributary.lake;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one checkpoint adds to one table, or a part of it by one writer.
 *
 * @param path the table's folder below the lake
 * @param columns the columns of all the files, those of the partition included
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

    /**
     * The table's columns and those of parts of a checkpoint, each as wide as the widest needs it.
     *
     * @throws LakeConflictException if the names of two columns of the source differ in case only
     */
    static List<LakeColumn> columns(List<LakeColumn> existing, List<TableCommit> parts) throws LakeConflictException {
        Map<String, LakeColumn> byName = new LinkedHashMap<>();
        existing.forEach(column -> byName.put(fold(column), column));
        for (TableCommit part : parts) {
            for (LakeColumn column : part.columns) {
                LakeColumn other = byName.getOrDefault(fold(column), column);
                if (!other.name().equals(column.name()) || !other.source().equals(column.source())) {
                    throw new LakeConflictException(part.path, other, column);
                }
                byName.put(fold(column), other.widened(column.type()));
            }
        }
        return List.copyOf(byName.values());
    }

    private static String fold(LakeColumn column) {
        return column.name().toLowerCase(Locale.ROOT);
    }

    /** The offsets of all parts of a checkpoint. */
    static Map<SourcePartition, Range> offsets(List<TableCommit> parts) {
        Map<SourcePartition, Range> offsets = new TreeMap<>();
        parts.forEach(part -> part.offsets.forEach((partition, range) -> offsets.merge(partition, range, Range::with)));
        return offsets;
    }
}
