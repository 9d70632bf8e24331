package io.tributary.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * What a log's entry says of a file's content, as JSON: rows, nulls, and {@link Bounds} of the values.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics">per-file statistics</a>
 */
final class FileStats {
    /** As other writers do: a log must not grow with the width of tables. Columns that Tributary adds count not. */
    private static final int COLUMNS = 32;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Set<String> ADDED =
            Set.of("_op", "_ts_ms", "_topic", "_partition", "_offset", "_tx", "_deleted");

    private FileStats() {}

    /** Nothing but the number of rows. */
    static String ofRows(long rows) {
        return "{\"numRecords\":" + rows + "}";
    }

    /** The same without bounds: of a file that has columns in other types. */
    static String withoutBounds(String stats) {
        try {
            ObjectNode all = (ObjectNode) JSON.readTree(stats);
            all.remove(List.of("minValues", "maxValues", "tightBounds"));
            return all.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the log has no JSON as a file's statistics: " + stats, e);
        }
    }

    /** @param nulls of a column whose own statistics are off, or -1 if nobody knows */
    static String of(ParquetMetadata footer, ToLongFunction<String> nulls) {
        long rows = 0;
        Map<String, Column> columns = new LinkedHashMap<>();
        for (BlockMetaData group : footer.getBlocks()) {
            rows += group.getRowCount();
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                columns.computeIfAbsent(chunk.getPath().toArray()[0], name -> new Column(chunk.getPrimitiveType()))
                        .add(chunk.getStatistics());
            }
        }
        ObjectNode counts = JSON.createObjectNode();
        Bounds bounds = new Bounds();
        int indexed = 0;
        for (Map.Entry<String, Column> entry : columns.entrySet()) {
            String name = entry.getKey();
            Column column = entry.getValue();
            long count = column.nulls < 0 ? nulls.applyAsLong(name) : column.nulls;
            boolean isLeftOut = !ADDED.contains(name) && ++indexed > COLUMNS;
            if (isLeftOut || count < 0) {
                bounds.giveUp();
            } else if (count < rows) {
                bounds.add(name, column.type, column.all);
            }
            if (!isLeftOut && count >= 0) {
                counts.put(name, count);
            }
        }
        ObjectNode stats = JSON.createObjectNode().put("numRecords", rows);
        if (!counts.isEmpty()) {
            stats.set("nullCount", counts);
        }
        bounds.writeTo(stats);
        try {
            return JSON.writeValueAsString(stats);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What the row groups say of a column. */
    private static final class Column {
        final PrimitiveType type;
        final Statistics<?> all;
        long nulls;

        Column(PrimitiveType type) {
            this.type = type;
            this.all = Statistics.createStats(type);
        }

        void add(@Nullable Statistics<?> group) {
            if (group == null || !group.isNumNullsSet() || nulls < 0) {
                nulls = -1;
            } else {
                nulls += group.getNumNulls();
                all.mergeStatistics(group);
            }
        }
    }
}
