package io.tributary.cli;

import io.tributary.change.TableName;
import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A table as its history gives it: by key the newest row by offset, of those that were not deleted; none where it is not there yet. */
final class HistoryRows {
    private HistoryRows() {}

    static List<String> of(Path lake, String schema, String table, String... columns) throws IOException {
        List<Map<String, @Nullable Object>> history = new ArrayList<>();
        LakeReader reader = new LakeReader("file:" + lake);
        TableName name = new TableName(schema, table);
        if (reader.has(name)) {
            reader.forEach(name, history::add);
        }
        history.sort(Comparator.comparingLong(row -> (Long) row.get("_offset")));
        Map<String, String> rows = new TreeMap<>();
        for (Map<String, @Nullable Object> row : history) {
            String key = String.valueOf(row.get(columns[0]));
            if ("d".equals(row.get("_op"))) {
                rows.remove(key);
            } else {
                rows.put(
                        key,
                        Arrays.stream(columns)
                                .map(column -> String.valueOf(row.get(column)))
                                .collect(Collectors.joining(" ")));
            }
        }
        return List.copyOf(rows.values());
    }
}
