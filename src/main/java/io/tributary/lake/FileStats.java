package io.tributary.lake;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;

/**
 * What a log's entry says of a file's content, as JSON: rows and nulls. No least and greatest values, which readers misread
 * (docs/decisions/0016-no-bounds.md).
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics">per-file statistics</a>
 */
final class FileStats {
    /** As other writers do: a log must not grow with the width of tables. Columns that Tributary adds count not. */
    private static final int COLUMNS = 32;

    private static final JsonMapper JSON = new JsonMapper();
    private static final Set<String> ADDED =
            Set.of("_op", "_ts_ms", "_topic", "_partition", "_offset", "_tx", "_deleted");

    private FileStats() {}

    /** Nothing but the number of rows. */
    static String ofRows(long rows) {
        return "{\"numRecords\":" + rows + "}";
    }

    /** @param nulls of a column whose own statistics are off, or -1 if nobody knows */
    static String of(ParquetMetadata footer, ToLongFunction<String> nulls) {
        long rows = 0;
        Map<String, Long> missing = new LinkedHashMap<>();
        for (BlockMetaData group : footer.getBlocks()) {
            rows += group.getRowCount();
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                Statistics<?> own = chunk.getStatistics();
                long count = own == null || !own.isNumNullsSet() ? -1 : own.getNumNulls();
                missing.merge(
                        chunk.getPath().toArray()[0], count, (one, other) -> one < 0 || other < 0 ? -1 : one + other);
            }
        }
        ObjectNode counts = JSON.createObjectNode();
        int indexed = 0;
        for (Map.Entry<String, Long> column : missing.entrySet()) {
            if (!ADDED.contains(column.getKey()) && ++indexed > COLUMNS) {
                continue;
            }
            long count = column.getValue() < 0 ? nulls.applyAsLong(column.getKey()) : column.getValue();
            if (count >= 0) {
                counts.put(column.getKey(), count);
            }
        }
        ObjectNode stats = JSON.createObjectNode().put("numRecords", rows);
        if (!counts.isEmpty()) {
            stats.set("nullCount", counts);
        }
        return stats.toString();
    }
}
