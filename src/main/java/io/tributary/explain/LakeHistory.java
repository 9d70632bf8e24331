package io.tributary.explain;

import io.tributary.change.Column;
import io.tributary.change.ValueText;
import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One key's rows in a table's history. */
public final class LakeHistory {
    private LakeHistory() {}

    /** A change as the history has it. */
    public record Row(long sourceMillis, String topic, int partition, long offset, String text) {
        /** As messages give it. */
        String place() {
            return "[" + topic + "-" + partition + "@" + offset + "]";
        }
    }

    /** The key's rows by time, then place; none where the lake has no such table, or nothing told what its key is. */
    public static List<Row> of(Explainer explainer, LakeReader lake) throws IOException {
        List<Row> rows = new ArrayList<>();
        List<String> names = explainer.keyNames();
        if (names == null || !lake.has(explainer.table())) {
            return rows;
        }
        List<String> wanted = explainer.wanted().values(names);
        Map<String, Column> columns = lake.columns(explainer.table());
        lake.forEach(explainer.table(), row -> {
            if (matches(row, columns, names, wanted)) {
                rows.add(new Row(
                        number(row, "_ts_ms"),
                        String.valueOf(row.get("_topic")),
                        (int) number(row, "_partition"),
                        number(row, "_offset"),
                        row.get("_op") + " " + explainer.table() + " " + text(row, columns)));
            }
        });
        rows.sort(Comparator.comparingLong(Row::sourceMillis)
                .thenComparing(Row::topic)
                .thenComparingInt(Row::partition)
                .thenComparingLong(Row::offset));
        return rows;
    }

    private static boolean matches(
            Map<String, @Nullable Object> row, Map<String, Column> columns, List<String> names, List<String> wanted) {
        int found = 0;
        for (Map.Entry<String, Column> column : columns.entrySet()) {
            int index = names.indexOf(column.getValue().name());
            Object value = index < 0 ? null : row.get(column.getKey());
            if (value != null && ValueText.of(column.getValue().type(), value).equals(wanted.get(index))) {
                found++;
            }
        }
        return found == names.size();
    }

    private static String text(Map<String, @Nullable Object> row, Map<String, Column> columns) {
        List<String> parts = new ArrayList<>();
        columns.forEach((name, column) -> {
            Object value = row.get(name);
            if (value != null) {
                parts.add(column.name() + ": " + ValueText.of(column.type(), value));
            }
        });
        return String.join(", ", parts);
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : 0;
    }
}
