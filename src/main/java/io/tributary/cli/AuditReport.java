package io.tributary.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.audit.Comparison;
import io.tributary.audit.Comparison.OfSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What an audit found, in words and as JSON. */
final class AuditReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final int shown;
    private final Duration longest;
    private final List<Comparison> comparisons = new ArrayList<>();

    /**
     * Made empty.
     *
     * @param shown how many keys of each table and sink are named
     * @param longest how long changes were waited for
     */
    AuditReport(int shown, Duration longest) {
        this.shown = shown;
        this.longest = longest;
    }

    /** Takes a table; its lines. */
    List<String> add(Comparison comparison) {
        comparisons.add(comparison);
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder(line("%-30s source %,12d rows", comparison.table(), comparison.rows()));
        comparison
                .sinks()
                .forEach((name, sink) -> line.append(
                        !sink.exempt().isEmpty()
                                ? line("   %s -", name)
                                : !sink.isThere()
                                        ? line("   %s is not there", name)
                                        : line("   %s %,12d", name, sink.rows())));
        lines.add(line.append(comparison.agrees() ? "   agree" : "   DIFFER").toString());
        if (!comparison.missing().isEmpty()) {
            lines.add(line("  not all has passed within %d s: %s", longest.toSeconds(), comparison.missing()));
        }
        comparison.sinks().forEach((name, sink) -> lines.addAll(of(name, sink)));
        return lines;
    }

    private List<String> of(String name, OfSink sink) {
        List<String> lines = new ArrayList<>();
        if (!sink.exempt().isEmpty()) {
            lines.add(line("  %s: not compared: %s", name, sink.exempt()));
        }
        if (!sink.lacking().isEmpty()) {
            lines.add(line("  %s: lacks the columns %s", name, sink.lacking()));
        }
        show(lines, name, "differ", sink.differing());
        show(lines, name, "are stale", sink.stale());
        if (sink.changing() > 0) {
            lines.add(line("  %s: %,d rows change too fast to be compared", name, sink.changing()));
        }
        return lines;
    }

    private void show(List<String> lines, String sink, String what, Map<String, String> keys) {
        if (!keys.isEmpty()) {
            lines.add(line("  %s: %,d rows %s", sink, keys.size(), what));
            keys.entrySet().stream()
                    .limit(shown)
                    .forEach(entry -> lines.add("    " + entry.getKey() + " " + entry.getValue()));
        }
    }

    private static String line(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    /** Whether there was a table, and all sinks have what the source has. */
    boolean agrees() {
        return !comparisons.isEmpty() && comparisons.stream().allMatch(Comparison::agrees);
    }

    String verdict() {
        return comparisons.isEmpty()
                ? "no sink has a table of the source"
                : agrees() ? "source and sinks agree" : "source and sinks do NOT agree";
    }

    String json() throws JsonProcessingException {
        ObjectNode root = JSON.createObjectNode().put("agrees", agrees());
        ArrayNode tables = root.putArray("tables");
        for (Comparison comparison : comparisons) {
            ObjectNode table = tables.addObject()
                    .put("table", comparison.table().toString())
                    .put("agrees", comparison.agrees())
                    .put("rows", comparison.rows())
                    .put("missing", comparison.missing());
            ObjectNode sinks = table.putObject("sinks");
            comparison.sinks().forEach((name, sink) -> json(sinks.putObject(name), sink));
        }
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root);
    }

    private void json(ObjectNode node, OfSink sink) {
        if (!sink.exempt().isEmpty()) {
            node.put("exempt", sink.exempt());
            return;
        }
        node.put("there", sink.isThere())
                .put("rows", sink.rows())
                .put("checksum", sink.checksum())
                .put("source_checksum", sink.sourceChecksum());
        sink.lacking().forEach(node.putArray("lacking")::add);
        keys(node.put("differing", sink.differing().size()), "differing_keys", sink.differing());
        keys(node.put("stale", sink.stale().size()), "stale_keys", sink.stale());
        node.put("changing", sink.changing());
    }

    private void keys(ObjectNode node, String name, Map<String, String> keys) {
        ArrayNode list = node.putArray(name);
        keys.entrySet().stream()
                .limit(shown)
                .forEach(entry -> list.addObject().put("key", entry.getKey()).put("what", entry.getValue()));
    }
}
