package io.tributary.lake;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.DecimalLogicalTypeAnnotation;
import org.apache.parquet.schema.PrimitiveType;
import org.jspecify.annotations.Nullable;

/**
 * What a log's entry says of a file's content, as JSON: rows, nulls, least and greatest values. Bounds are of numbers, days and
 * times alone: those of texts cost more than they exclude, and readers differ in what they make of them.
 *
 * @see <a href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics">per-file statistics</a>
 */
final class FileStats {
    /** As other writers do: a log must not grow with the width of tables. Columns that Tributary adds count not. */
    private static final int COLUMNS = 32;

    private static final int DOUBLE_DIGITS = 15;
    private static final long MICROS = 1_000_000;
    private static final LocalDate FIRST = LocalDate.of(1, 1, 1);
    private static final LocalDate LAST = LocalDate.of(9999, 12, 31);
    private static final DateTimeFormatter MILLIS =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();
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
        Map<String, Optional<Statistics<?>>> columns = new LinkedHashMap<>();
        for (BlockMetaData group : footer.getBlocks()) {
            rows += group.getRowCount();
            for (ColumnChunkMetaData chunk : group.getColumns()) {
                merge(columns, chunk);
            }
        }
        ObjectNode stats = JSON.createObjectNode().put("numRecords", rows);
        ObjectNode least = JSON.createObjectNode();
        ObjectNode greatest = JSON.createObjectNode();
        ObjectNode counts = JSON.createObjectNode();
        int indexed = 0;
        for (Map.Entry<String, Optional<Statistics<?>>> column : columns.entrySet()) {
            String name = column.getKey();
            if (!ADDED.contains(name) && ++indexed > COLUMNS) {
                continue;
            }
            Statistics<?> own = column.getValue().orElse(null);
            long missing = own == null ? nulls.applyAsLong(name) : own.getNumNulls();
            if (missing >= 0) {
                counts.put(name, missing);
            }
            JsonNode from = own == null ? null : bound(own, false);
            JsonNode to = own == null ? null : bound(own, true);
            if (from != null && to != null) {
                least.set(name, from);
                greatest.set(name, to);
            }
        }
        // no empty bounds: deltalake takes them for bounds that exclude every value
        if (!least.isEmpty()) {
            stats.set("minValues", least);
            stats.set("maxValues", greatest);
        }
        if (!counts.isEmpty()) {
            stats.set("nullCount", counts);
        }
        return stats.toString();
    }

    private static void merge(Map<String, Optional<Statistics<?>>> columns, ColumnChunkMetaData chunk) {
        String name = chunk.getPath().toArray()[0];
        Statistics<?> own = chunk.getStatistics();
        Optional<Statistics<?>> there = columns.get(name);
        if (own == null || !own.isNumNullsSet()) {
            columns.put(name, Optional.empty());
        } else if (there == null) {
            columns.put(name, Optional.of(own.copy()));
        } else if (there.isPresent()) {
            boolean isBounded = (own.hasNonNullValue() || own.getNumNulls() == chunk.getValueCount());
            there.get().mergeStatistics(own);
            if (!isBounded) {
                columns.put(name, Optional.empty()); // a NaN among its values, say
            }
        }
    }

    private static @Nullable JsonNode bound(Statistics<?> stats, boolean isGreatest) {
        if (!stats.hasNonNullValue()) {
            return null;
        }
        Object value = isGreatest ? stats.genericGetMax() : stats.genericGetMin();
        PrimitiveType type = stats.type();
        LogicalTypeAnnotation logical = type.getLogicalTypeAnnotation();
        if (logical instanceof DecimalLogicalTypeAnnotation decimal) {
            return decimal(value, decimal);
        }
        return switch (type.getPrimitiveTypeName()) {
            case INT32 ->
                logical instanceof LogicalTypeAnnotation.DateLogicalTypeAnnotation
                        ? day((Integer) value)
                        : JSON.getNodeFactory().numberNode((Integer) value);
            case INT64 ->
                logical instanceof LogicalTypeAnnotation.TimestampLogicalTypeAnnotation
                        ? time((Long) value, isGreatest)
                        : JSON.getNodeFactory().numberNode((Long) value);
            case FLOAT -> number((Float) value);
            case DOUBLE -> number((Double) value);
            default -> null;
        };
    }

    /** Readers take a number for a double on the way: a decimal with more digits would be another. */
    private static @Nullable JsonNode decimal(Object value, DecimalLogicalTypeAnnotation type) {
        BigInteger unscaled = value instanceof Binary bytes
                ? new BigInteger(bytes.getBytes())
                : BigInteger.valueOf(((Number) value).longValue());
        return type.getPrecision() > DOUBLE_DIGITS
                ? null
                : JSON.getNodeFactory().numberNode(new BigDecimal(unscaled, type.getScale()));
    }

    private static @Nullable JsonNode number(double value) {
        return Double.isFinite(value) ? JSON.getNodeFactory().numberNode(value) : null;
    }

    private static @Nullable JsonNode day(int epochDay) {
        LocalDate day = LocalDate.ofEpochDay(epochDay);
        return isUsual(day) ? JSON.getNodeFactory().textNode(day.toString()) : null;
    }

    /** The log has milliseconds: a bound is rounded away from the values. */
    private static @Nullable JsonNode time(long micros, boolean isGreatest) {
        long millis = isGreatest ? -Math.floorDiv(-micros, 1000) : Math.floorDiv(micros, 1000);
        if (Math.abs(millis) > Long.MAX_VALUE / MICROS
                || !isUsual(LocalDate.ofEpochDay(Math.floorDiv(millis, 86_400_000)))) {
            return null;
        }
        return JSON.getNodeFactory().textNode(MILLIS.format(Instant.ofEpochMilli(millis)));
    }

    /** Whether every reader knows the year. */
    private static boolean isUsual(LocalDate day) {
        return !day.isBefore(FIRST) && !day.isAfter(LAST);
    }

    /** Without the bounds of columns that have other values, or values of other types, than the statistics were made of. */
    static String without(Set<String> columns, String stats) {
        try {
            ObjectNode node = (ObjectNode) JSON.readTree(stats);
            for (String bounds : List.of("minValues", "maxValues")) {
                if (node.get(bounds) instanceof ObjectNode values) {
                    values.remove(columns);
                    if (values.isEmpty()) {
                        node.remove(bounds);
                    }
                }
            }
            return node.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no statistics of a Delta log: " + stats, e);
        }
    }
}
