package io.tributary.aggregate;

import io.tributary.flow.StreamType;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;
import org.jspecify.annotations.Nullable;

/**
 * What changes of an aggregate: rows that come or go, how far its tables have come, or of which types their columns are.
 *
 * @param aggregate its name in the pipeline file
 * @param side of a join: 0 for the aggregate's own table, 1 for the one that is looked up
 * @param key of a row, what it is joined by; of an end, the topic
 * @param values of a row, of the columns that the aggregate needs; of types, each as text or null where the table has no such column
 * @param weight of a row, how often it comes, below zero if it goes; of an end, the next offset
 * @param partition of an end
 */
public record RowDelta(
        Kind kind, String aggregate, int side, String key, List<@Nullable String> values, long weight, int partition) {
    /** Rows of aggregates that join two tables, on their way to each other. */
    public static final TypeInformation<RowDelta> TYPE = StreamType.of(RowDelta.class, RowDeltaSerializer::new);

    public static final OutputTag<RowDelta> TO_JOIN = new OutputTag<>("to-join", TYPE);

    /** What a delta tells. */
    public enum Kind {
        ROW,
        END,
        TYPES;

        private static final Kind[] BY_ORDINAL = values();

        static Kind of(int ordinal) {
            return BY_ORDINAL[ordinal];
        }
    }

    public static RowDelta row(String aggregate, int side, String key, List<@Nullable String> values, long weight) {
        return new RowDelta(Kind.ROW, aggregate, side, key, values, weight, 0);
    }

    public static RowDelta end(String aggregate, String topic, int partition, long next) {
        return new RowDelta(Kind.END, aggregate, 0, topic, List.of(), next, partition);
    }

    public static RowDelta types(String aggregate, int side, List<@Nullable String> types) {
        return new RowDelta(Kind.TYPES, aggregate, side, "", types, 0, 0);
    }

    /** The same row another number of times. */
    public RowDelta times(long count) {
        return new RowDelta(kind, aggregate, side, key, values, count, partition);
    }

    // by hand: see TableName
    @Override
    public boolean equals(Object o) {
        return o instanceof RowDelta other
                && kind == other.kind
                && aggregate.equals(other.aggregate)
                && side == other.side
                && key.equals(other.key)
                && values.equals(other.values)
                && weight == other.weight
                && partition == other.partition;
    }

    @Override
    public int hashCode() {
        return Objects.hash(kind, aggregate, side, key, values, weight, partition);
    }

    /** Values as one text that no other values have. */
    public static String joined(List<@Nullable String> values) {
        StringBuilder text = new StringBuilder();
        for (String value : values) {
            text.append(value == null ? "-" : value.length() + ":" + value);
        }
        return text.toString();
    }

    /** What {@link #joined} was made of. */
    public static List<@Nullable String> split(String joined, int count) {
        @Nullable String[] values = new @Nullable String[count];
        int at = 0;
        for (int i = 0; i < count; i++) {
            if (joined.charAt(at) == '-') {
                at++;
                continue;
            }
            int colon = joined.indexOf(':', at);
            int end = colon + 1 + Integer.parseInt(joined.substring(at, colon));
            values[i] = joined.substring(colon + 1, end);
            at = end;
        }
        return Arrays.asList(values);
    }
}
