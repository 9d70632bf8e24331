package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Covers;
import io.tributary.Harness;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.change.ValueText;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.exact.Event.Cell;
import io.tributary.flow.Tally.Counter;
import io.tributary.source.Captures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Inputs built after public reports of bugs in comparable tools: the rows that each leaves, and what became of records that left none.
 * {@code cases/NAME/rows.txt} has them, {@code rows.bare.txt} where they are others without a schema block; its first lines say what the case
 * is.
 */
@Harness
class CasesTest {
    private static final Pattern TIMES = Pattern.compile(" x(\\d+)$");

    static final String NONE = "";

    /** One of the two forms of a case. */
    record Case(String name, String form) {
        List<RawRecord> records() {
            return Captures.read("/cases/" + name + "/events" + form + ".jsonl.gz");
        }

        PipelineConfig pipeline() {
            String more = text("/cases/" + name + "/tables.yaml");
            return PipelineFile.parse(
                    "name: case\nsource: {file: none.jsonl}\nsinks: {lake: {path: unused, current: {every: 0s}}}\n"
                            + more,
                    Map.of(),
                    Map.of());
        }

        /** The rows that it must leave, without what the file says of the case. */
        List<String> expected() {
            String own = text("/cases/" + name + "/rows" + form + ".txt");
            String file = own.isEmpty() ? text("/cases/" + name + "/rows.txt") : own;
            return file.lines().filter(line -> !line.startsWith("#")).toList();
        }

        private static String text(String resource) {
            try (InputStream in = CasesTest.class.getResourceAsStream(resource)) {
                return in == null ? NONE : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String toString() {
            return name + form;
        }
    }

    static Stream<Case> all() {
        return Captures.cases().stream().flatMap(name -> Stream.of(new Case(name, ""), new Case(name, ".bare")));
    }

    @ParameterizedTest
    @MethodSource("all")
    @Covers(
            row = "DROP and ADD like a rename",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.UNDECIDABLE)
    @Covers(
            row = "default changed since",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.UNDECIDABLE)
    @Covers(
            row = "char(n) that becomes varchar",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.UNDECIDABLE)
    @Covers(
            row = "update without key or before",
            forms = {Covers.Form.SCHEMA, Covers.Form.PLAIN},
            how = Covers.How.REFUSED)
    void aCaseLeavesItsRows(Case each) throws Exception {
        try (Replay replay = Replay.start(each.pipeline(), 1, 1)) {
            for (RawRecord record : each.records()) {
                replay.send(record);
            }
            replay.drain();
            assertThat(Fold.faults(replay.history())).isEmpty();
            assertThat(lines(replay)).containsExactlyElementsOf(each.expected());
        }
    }

    /** A line a row, in the order of tables and keys, and one for each counter that is not of rows. */
    static List<String> lines(Replay replay) {
        Map<TableName, Map<String, Integer>> bags = new TreeMap<>(Comparator.comparing(TableName::toString));
        Map<TableName, Map<List<String>, Map<String, Cell>>> live =
                new TreeMap<>(Comparator.comparing(TableName::toString));
        Map<TableName, List<String>> keys = new HashMap<>();
        for (Event event : replay.history()) {
            Map<List<String>, Map<String, Cell>> rows = live.computeIfAbsent(event.table(), t -> new LinkedHashMap<>());
            Map<String, Integer> bag = bags.computeIfAbsent(event.table(), t -> new LinkedHashMap<>());
            Map<String, Cell> image = event.image();
            boolean delete = event.operation() == Operation.DELETE;
            if (event.operation() == Operation.TRUNCATE) {
                rows.clear();
                bag.clear();
            } else if (event.key().isEmpty()) {
                bag.merge(row(image), delete ? -1 : 1, Integer::sum);
            } else {
                if (!event.key().equals(keys.put(event.table(), event.key()))) {
                    Fold.rekey(rows, event.key());
                }
                List<String> key = Fold.key(event.key(), image);
                if (delete) {
                    rows.remove(key);
                } else {
                    rows.put(key, image);
                }
            }
        }
        List<String> lines = new ArrayList<>();
        live.forEach((table, rows) ->
                rows.values().stream().map(CasesTest::row).sorted().forEach(row -> lines.add(table + ": " + row)));
        bags.forEach((table, bag) -> bag.forEach((row, count) -> {
            if (count != 0) {
                lines.add(table + ": " + row + " x" + count);
            }
        }));
        Map<String, Long> there = new TreeMap<>();
        lines.forEach(line -> there.merge(line.substring(0, line.indexOf(": ")), times(line), Long::sum));
        Map<String, Long> counts = new TreeMap<>();
        replay.account().forEach((name, count) -> {
            if (name.counter() == Counter.ROWS) {
                there.merge(name.table(), -count, Long::sum);
            } else if (name.counter() != Counter.READ && name.counter() != Counter.APPLIED) {
                counts.merge("= " + name.table() + " " + name.counter() + " " + name.label(), count, Long::sum);
            }
        });
        there.values().removeIf(more -> more == 0);
        there.forEach((table, more) -> lines.add("= " + table + " rows not counted " + more));
        counts.forEach((name, count) -> lines.add((name + " " + count).replaceAll(" +", " ")));
        return lines;
    }

    /** Of a row of a table without a key, how often it is there. */
    private static long times(String line) {
        Matcher times = TIMES.matcher(line);
        return times.find() ? Long.parseLong(times.group(1)) : 1;
    }

    private static String row(Map<String, Cell> image) {
        List<String> cells = new ArrayList<>();
        image.forEach((column, cell) -> cells.add(column + "=" + text(cell)));
        return String.join(" ", cells);
    }

    private static String text(@Nullable Cell cell) {
        return cell == null || cell.value() == null
                ? "null"
                : ValueText.of(cell.type(), Objects.requireNonNull(cell.value()))
                        .replace("\n", "\\n");
    }
}
