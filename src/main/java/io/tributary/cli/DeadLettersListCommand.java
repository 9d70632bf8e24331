package io.tributary.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.util.RawValue;
import io.tributary.PipelineArguments;
import io.tributary.change.BytesText;
import io.tributary.change.Printable;
import io.tributary.flow.ConfigException;
import io.tributary.lake.LakeSettings;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the lake's {@code rejected}. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Prints the dead letters in the lake, the newest last: time, place, table, reason, rule, detail.")
final class DeadLettersListCommand implements Callable<Integer> {
    /** By time, then place; what has no time comes first. */
    private static final Comparator<Map<String, @Nullable Object>> BY_TIME =
            Comparator.<Map<String, @Nullable Object>>comparingLong(row -> number(row, "timestamp"))
                    .thenComparing(row -> text(row, "topic"))
                    .thenComparingLong(row -> number(row, "partition"))
                    .thenComparingLong(row -> number(row, "offset"));

    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Mixin
    private LetterSelection selection = new LetterSelection();

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "only the newest (100)")
    private int limit;

    @Option(names = "--json", description = "a JSON object a line, with the record's key and value")
    private boolean json;

    @Option(names = "--records", description = "the records as recorded events, a line each: what replay --patch takes")
    private boolean records;

    @Override
    public Integer call() {
        LakeSettings lake = LetterSelection.lake(options.read());
        if (limit < 1) {
            throw new ConfigException("'--limit' must be at least 1, got " + limit);
        }
        PriorityQueue<Map<String, @Nullable Object>> newest = new PriorityQueue<>(BY_TIME);
        Map<String, Long> byReason = new TreeMap<>();
        LetterSelection.read(lake, new HashSet<>(), row -> {
            if (!selection.selects(row)) {
                return;
            }
            byReason.merge(text(row, "reason"), 1L, Long::sum);
            if (!json && !records) {
                row.keySet().removeAll(List.of("key", "value")); // many megabytes, for nothing
            }
            newest.add(row);
            if (newest.size() > limit) {
                newest.remove();
            }
        });
        List<Map<String, @Nullable Object>> rows = new ArrayList<>(newest);
        rows.sort(BY_TIME);
        rows.forEach(row ->
                System.out.println(Printable.of(records ? DeadLetter.of(row).line() : json ? json(row) : line(row))));
        // among JSON lines nothing else
        (json || records ? System.err : System.out).println(Printable.of(summary(byReason, rows.size())));
        return 0;
    }

    private String summary(Map<String, Long> byReason, int shown) {
        long all = byReason.values().stream().mapToLong(Long::longValue).sum();
        if (all == 0) {
            return "no dead letters" + selection;
        }
        String counts = byReason.entrySet().stream()
                .map(count -> "%s %,d".formatted(count.getKey(), count.getValue()))
                .collect(Collectors.joining(", "));
        return "%,d dead letters: %s%s"
                .formatted(all, counts, shown < all ? "; the newest %,d are shown".formatted(shown) : "");
    }

    private static String line(Map<String, @Nullable Object> row) {
        String place = place(row);
        String detail = text(row, "detail");
        return String.join(
                " ",
                time(row),
                place,
                text(row, "table"),
                text(row, "reason"),
                row.get("rule") == null ? "-" : text(row, "rule"),
                detail.startsWith(place) ? detail.substring(place.length()).strip() : detail);
    }

    private static String place(Map<String, @Nullable Object> row) {
        return "[" + text(row, "topic") + "-" + number(row, "partition") + "@" + number(row, "offset") + "]";
    }

    private static String time(Map<String, @Nullable Object> row) {
        return row.get("timestamp") == null
                ? "-"
                : Instant.ofEpochMilli(Math.floorDiv(number(row, "timestamp"), 1000))
                        .toString();
    }

    private static String json(Map<String, @Nullable Object> row) {
        ObjectNode line = JSON.createObjectNode();
        line.put("time", row.get("timestamp") == null ? null : time(row));
        line.put("topic", text(row, "topic"));
        line.put("partition", number(row, "partition"));
        line.put("offset", number(row, "offset"));
        for (String name : List.of("table", "reason", "rule", "detail")) {
            line.put(name, (String) row.get(name));
        }
        for (String name : List.of("key", "value")) {
            line.put(name, row.get(name) instanceof byte[] bytes ? BytesText.of(bytes) : null);
        }
        if (row.get("headers") instanceof String headers) {
            line.putRawValue("headers", new RawValue(headers));
        } else {
            line.putNull("headers");
        }
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree is always JSON", e);
        }
    }

    private static String text(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof String text ? text : "";
    }

    /** 0 where there is none. */
    private static long number(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : 0;
    }
}
