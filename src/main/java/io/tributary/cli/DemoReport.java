package io.tributary.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.account.Account;
import io.tributary.audit.TableAudit;
import io.tributary.flow.Tally.Counter;
import io.tributary.local.TopicCounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What the demo found, as JSON and in words. */
record DemoReport(Account account, TopicCounts kafka, List<TableAudit> tables, double startSeconds) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Everything that is not as it must be, a line each; empty if all agrees. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (TableAudit table : tables) {
            if (table.differing() > 0) {
                problems.add("%s: %d rows differ between source and lake, the first: %s"
                        .formatted(table.table(), table.differing(), String.join("; ", table.differingKeys())));
            }
            if (table.currentDiffering() > 0) {
                problems.add("%s: %d rows differ between source and current, the first: %s"
                        .formatted(
                                table.table(),
                                table.currentDiffering(),
                                String.join("; ", table.currentDifferingKeys())));
            }
            if (table.mirrorDiffering() > 0) {
                problems.add("%s: %d rows differ between source and mirror, the first: %s"
                        .formatted(
                                table.table(),
                                table.mirrorDiffering(),
                                String.join("; ", table.mirrorDifferingKeys())));
            }
            if (table.repeated() > 0) {
                problems.add("%s: %d rows of the history are there more than once"
                        .formatted(table.table(), table.repeated()));
            }
        }
        account.byTable().forEach((table, counts) -> {
            long read = counts.getOrDefault(Counter.READ, 0L);
            if (read != accountedFor(counts)) {
                problems.add("%s: read %d is not applied + duplicates + rejected + ignored = %d"
                        .formatted(table, read, accountedFor(counts)));
            }
        });
        for (TableAudit table : tables) {
            long counted = account.byTable()
                    .getOrDefault(table.table().toString(), Map.of())
                    .getOrDefault(Counter.ROWS, 0L);
            if (counted != table.sourceRows()) {
                problems.add("%s: the job counts %d rows, the source has %d"
                        .formatted(table.table(), counted, table.sourceRows()));
            }
        }
        if (account.total(Counter.READ) != kafka.total()) {
            problems.add(
                    "the job read %d records, Kafka holds %d".formatted(account.total(Counter.READ), kafka.total()));
        }
        return problems;
    }

    private static long accountedFor(Map<Counter, Long> counts) {
        return Stream.of(Counter.APPLIED, Counter.DUPLICATES, Counter.REJECTED, Counter.IGNORED)
                .mapToLong(counter -> counts.getOrDefault(counter, 0L))
                .sum();
    }

    void write(Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("ok", problems().isEmpty());
        root.put("start_seconds", startSeconds);
        ArrayNode problems = root.putArray("problems");
        problems().forEach(problems::add);
        ArrayNode list = root.putArray("tables");
        for (TableAudit table : tables) {
            String name = table.table().toString();
            ObjectNode node = list.addObject();
            node.put("name", name);
            node.put("source_rows", table.sourceRows());
            node.put("lake_rows", table.lakeRows());
            node.put("current_rows", table.currentRows());
            node.put("current_differing", table.currentDiffering());
            if (table.mirrorRows() >= 0) {
                node.put("mirror_rows", table.mirrorRows());
                node.put("mirror_differing", table.mirrorDiffering());
            }
            node.put("history_rows", table.historyRows());
            node.put("repeated", table.repeated());
            node.put("differing", table.differing());
            ArrayNode keys = node.putArray("differing_keys");
            table.differingKeys().forEach(keys::add);
            node.put("source_checksum", table.sourceChecksum());
            node.put("lake_checksum", table.lakeChecksum());
            counts(node, account.byTable().getOrDefault(name, Map.of()));
            node.put("kafka_records", kafka.records().getOrDefault("cdc." + name, 0L));
        }
        ObjectNode others = root.putObject("other_topics");
        account.byTable().forEach((name, counts) -> {
            if (tables.stream().noneMatch(table -> table.table().toString().equals(name))) {
                counts(others.putObject(name), counts);
            }
        });
        ObjectNode total = root.putObject("total");
        for (Counter counter : Counter.values()) {
            total.put(counter.name().toLowerCase(Locale.ROOT), account.total(counter));
        }
        total.put("kafka_records", kafka.total());
        ObjectNode ends = root.putObject("kafka_end_offsets");
        kafka.endOffsets().forEach(ends::put);
        Path absolute = file.toAbsolutePath();
        if (absolute.getParent() != null) {
            java.nio.file.Files.createDirectories(absolute.getParent());
        }
        JSON.writeValue(absolute.toFile(), root);
    }

    private static void counts(ObjectNode node, Map<Counter, Long> counts) {
        for (Counter counter : Counter.values()) {
            node.put(counter.name().toLowerCase(Locale.ROOT), counts.getOrDefault(counter, 0L));
        }
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (TableAudit table : tables) {
            lines.add("%-20s source %,8d rows   current %,8d%s   history %,9d, folded %,8d   differing %d"
                    .formatted(
                            table.table(),
                            table.sourceRows(),
                            table.currentRows(),
                            table.mirrorRows() < 0 ? "" : "   mirror %,8d".formatted(table.mirrorRows()),
                            table.historyRows(),
                            table.lakeRows(),
                            table.differing() + table.currentDiffering() + table.mirrorDiffering()));
        }
        lines.add(account + "; Kafka holds %,d".formatted(kafka.total()));
        return lines;
    }
}
