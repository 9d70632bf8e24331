package io.tributary.lake;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one checkpoint adds to one table, or a part of it by one writer.
 *
 * @param path the table's folder below the lake
 * @param columns the columns of all the files, those of the partition included
 * @param format of the table
 * @param part which part of the table the files are, in the place of those it has; null where they are added to the table
 * @param offsets the source offsets of the rows, by source partition; of a part, only the last says something
 */
record TableCommit(
        String path,
        TableFormat format,
        @Nullable Part part,
        List<LakeColumn> columns,
        List<DataFile> files,
        Map<SourcePartition, OffsetRange> offsets) {

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

    /** A table's columns with those of the files in their place, for a table of which no other file remains. */
    List<LakeColumn> over(List<LakeColumn> existing) {
        Map<String, LakeColumn> own = new HashMap<>();
        columns.forEach(column -> own.put(column.name(), column));
        return existing.stream()
                .map(column -> own.getOrDefault(column.name(), column))
                .toList();
    }

    /** The same as one of the commits that bring all these ranges. */
    TableCommit within(Map<SourcePartition, OffsetRange> ranges) {
        return new TableCommit(path, format, part, columns, files, ranges);
    }

    /** Whether it adds nothing, and is only there to find what was added before. */
    boolean isProof() {
        return files.isEmpty() && columns.isEmpty();
    }

    /** The next offset of each source partition. */
    Map<SourcePartition, Long> ends() {
        return OffsetRange.ends(offsets);
    }

    /** The offsets of all parts of a checkpoint. */
    static Map<SourcePartition, OffsetRange> offsets(List<TableCommit> parts) {
        Map<SourcePartition, OffsetRange> offsets = new TreeMap<>();
        parts.forEach(
                part -> part.offsets.forEach((partition, range) -> offsets.merge(partition, range, OffsetRange::with)));
        return offsets;
    }
}
