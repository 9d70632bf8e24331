package io.tributary.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.flow.DeadLetters;
import io.tributary.sink.SinkRows;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The rows that sinks have as they were because a later change of them was rejected, by the dead letters that one of them has. */
final class StaleKeys {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final List<String> LETTER =
            List.of("table", "key", "topic", "partition", "offset", "reason", "rule");

    private StaleKeys() {}

    /** The dead letter of a key. */
    private record Letter(String partition, long offset, String reason) {}

    /**
     * Those of the keys whose newest dead letter is newer than every change of them that was taken.
     *
     * @return the place and the reason, by key
     */
    static Map<String, String> of(SinkRows histories, SourceTable table, Set<String> keys) throws IOException {
        Map<String, Letter> letters = letters(histories, table, keys);
        if (letters.isEmpty()) {
            return Map.of();
        }
        Map<String, Long> taken = new HashMap<>();
        if (histories.has(table.name())) {
            histories.forEach(table.name(), Side.names(table), (row, version) -> {
                String key = table.keyOf(table.texts(row));
                Letter letter = letters.get(key);
                if (version != null
                        && letter != null
                        && letter.partition.equals(version.partition().toString())) {
                    taken.merge(key, version.offset(), Math::max);
                }
            });
        }
        Map<String, String> stale = new TreeMap<>();
        letters.forEach((key, letter) -> {
            if (taken.getOrDefault(key, -1L) < letter.offset) {
                stale.put(key, "rejected at " + letter.partition + "@" + letter.offset + ": " + letter.reason);
            }
        });
        return stale;
    }

    private static Map<String, Letter> letters(SinkRows histories, SourceTable table, Set<String> keys)
            throws IOException {
        Map<String, Letter> letters = new HashMap<>();
        if (table.key().isEmpty() || !histories.has(DeadLetters.TABLE)) {
            return letters;
        }
        histories.forEach(DeadLetters.TABLE, LETTER, (row, version) -> {
            String key = table.name().toString().equals(row.get("table")) ? key(table, (byte[]) row.get("key")) : "";
            if (keys.contains(key)) {
                Letter letter = new Letter(
                        row.get("topic") + "-" + row.get("partition"),
                        number(row, "offset"),
                        row.get("reason") + (row.get("rule") == null ? "" : " " + row.get("rule")));
                letters.merge(key, letter, (a, b) -> a.offset > b.offset ? a : b);
            }
        });
        return letters;
    }

    /** The key's record as {@link SourceTable#keyOf} has it, or an empty text if it is none of the table's. */
    private static String key(SourceTable table, byte @Nullable [] json) {
        if (json == null) {
            return "";
        }
        try {
            JsonNode whole = JSON.readTree(json);
            JsonNode payload = whole.has("payload") ? whole.path("payload") : whole;
            List<@Nullable String> values = new java.util.ArrayList<>();
            for (SourceTable.SourceColumn column : table.columns()) {
                JsonNode value = payload.get(column.name());
                values.add(value == null ? null : column.text(value.asText()));
            }
            return table.keyOf(values);
        } catch (IOException e) {
            return ""; // a key that nobody can read is of no row
        }
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : -1;
    }
}
