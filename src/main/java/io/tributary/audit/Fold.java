package io.tributary.audit;

import io.tributary.change.Operation;
import io.tributary.change.SourcePartition;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkRows.Version;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A history folded to the rows as they are now.
 *
 * @param rows that are live
 * @param events how many rows the history has
 * @param repeated how many of them share their place with another: 0 if each change is there once
 */
record Fold(RowDigests rows, long events, long repeated) {
    private record Newest(SourcePartition partition, long offset, boolean live, RowDigests.Digest digest) {
        boolean isBefore(Newest other) {
            int order = partition.compareTo(other.partition);
            return order != 0 ? order < 0 : offset < other.offset;
        }
    }

    /** The history holds no order of its own: of each key the row of the last offset counts, unless a truncate came after. */
    static Fold of(@Nullable SinkRows histories, SourceTable table) throws IOException {
        Map<String, Newest> newest = new HashMap<>();
        Map<SourcePartition, Long> truncates = new HashMap<>();
        Set<String> places = new HashSet<>();
        long[] counts = new long[2];
        if (histories != null && histories.has(table.name())) {
            histories.forEach(table.name(), Side.names(table), (row, of) -> {
                Version version = Objects.requireNonNull(of, "a history tells of each row what it is");
                List<@Nullable String> values = table.texts(row);
                counts[0]++;
                boolean isDelete = version.operation() == Operation.DELETE.code();
                // what a snapshot's end sweeps is deleted at its place, each key once
                String key = isDelete ? " " + table.keyOf(values) : "";
                counts[1] += places.add(version.partition() + "@" + version.offset() + key) ? 0 : 1;
                if (version.operation() == Operation.TRUNCATE.code()) {
                    truncates.merge(version.partition(), version.offset(), Math::max);
                    return;
                }
                newest.merge(
                        table.keyOf(values),
                        new Newest(version.partition(), version.offset(), !isDelete, RowDigests.of(values)),
                        (a, b) -> a.isBefore(b) ? b : a);
            });
        }
        RowDigests rows = new RowDigests();
        newest.forEach((key, row) -> {
            if (row.live && row.offset > truncates.getOrDefault(row.partition, -1L)) {
                rows.put(key, row.digest);
            }
        });
        return new Fold(rows, counts[0], counts[1]);
    }
}
