package io.tributary.audit;

import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Folds a history table to the rows as they are now. */
final class LakeTable {
    private LakeTable() {}

    private record Newest(String topic, int partition, long offset, boolean live, RowDigests.Digest digest) {
        boolean isBefore(Newest other) {
            if (!topic.equals(other.topic)) {
                return topic.compareTo(other.topic) < 0;
            }
            return partition != other.partition ? partition < other.partition : offset < other.offset;
        }
    }

    /** What a fold finds: the live rows, and how often an offset is there more than once. */
    record Folded(RowDigests rows, long events, long repeated) {}

    /** The history holds no order of its own: of each key the row of the last offset counts, unless a truncate came after. */
    static Folded read(LakeReader lake, SourceTable table) throws IOException {
        Map<String, Newest> newest = new HashMap<>();
        Map<String, Long> truncates = new HashMap<>();
        java.util.Set<String> places = new java.util.HashSet<>();
        long[] counts = new long[2];
        lake.forEach(table.name(), row -> {
            String topic = text(row, "_topic");
            int partition = (Integer) Objects.requireNonNull(row.get("_partition"));
            long offset = (Long) Objects.requireNonNull(row.get("_offset"));
            counts[0]++;
            String op = text(row, "_op");
            // what a snapshot's end sweeps is deleted at its place, each key once
            String key = op.equals("d") ? " " + table.keyOf(table.texts(row)) : "";
            counts[1] += places.add(topic + "-" + partition + "@" + offset + key) ? 0 : 1;
            if (op.equals("t")) {
                truncates.merge(topic + "-" + partition, offset, Math::max);
                return;
            }
            List<@Nullable String> values = table.texts(row);
            Newest candidate = new Newest(topic, partition, offset, !op.equals("d"), RowDigests.of(values));
            newest.merge(table.keyOf(values), candidate, (a, b) -> a.isBefore(b) ? b : a);
        });
        RowDigests rows = new RowDigests();
        newest.forEach((key, row) -> {
            long truncated = truncates.getOrDefault(row.topic + "-" + row.partition, -1L);
            if (row.live && row.offset > truncated) {
                rows.put(key, row.digest);
            }
        });
        return new Folded(rows, counts[0], counts[1]);
    }

    /** The rows of a table as its source has it. */
    static RowDigests current(LakeReader lake, SourceTable table) throws IOException {
        RowDigests rows = new RowDigests();
        lake.forEach(table.name(), row -> {
            List<@Nullable String> values = table.texts(row);
            rows.put(table.keyOf(values), RowDigests.of(values));
        });
        return rows;
    }

    private static String text(Map<String, @Nullable Object> row, String column) {
        return (String) Objects.requireNonNull(row.get(column), column);
    }
}
