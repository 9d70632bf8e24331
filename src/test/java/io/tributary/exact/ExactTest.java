package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.change.TableName;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The history of every recording, folded by key, is what PostgreSQL had in the end: typed and to the last digit. Where it is not,
 * {@code captures/known.txt} says so, and why.
 */
@Harness
class ExactTest {
    @ParameterizedTest
    @MethodSource("io.tributary.exact.Capture#all")
    void historyFoldedByKeyIsWhatTheSourceHad(Capture capture) throws Exception {
        try (Replay replay = Replay.of(capture)) {
            List<String> cells = new ArrayList<>();
            Map<String, Long> found = differences(capture, replay.history(), cells);
            found.putAll(exceptions(replay.account()));

            assertThat(lines(capture, found))
                    .as(String.join("\n", cells))
                    .containsExactlyInAnyOrderElementsOf(Known.lines(capture));
        }
    }

    @ParameterizedTest
    @MethodSource("io.tributary.exact.Capture#all")
    void accountOfEveryTableBalances(Capture capture) throws Exception {
        try (Replay replay = Replay.of(capture)) {
            Map<String, Long> sums = new TreeMap<>();
            replay.account().forEach((name, count) -> {
                long sign =
                        switch (name.counter()) {
                            case READ -> 1;
                            case APPLIED, DUPLICATES, REJECTED, IGNORED -> -1;
                            case NULLED, WARNED, ROWS -> 0;
                        };
                sums.merge(name.table(), sign * count, Long::sum);
            });

            assertThat(sums.values()).as(sums.toString()).containsOnly(0L);
            assertThat(total(replay.account(), Counter.READ))
                    .isEqualTo(capture.records().size());
        }
    }

    @ParameterizedTest
    @MethodSource("io.tributary.exact.Capture#all")
    void rowsAreAsManyAsTheHistoryLeaves(Capture capture) throws Exception {
        try (Replay replay = Replay.of(capture)) {
            Map<String, Long> counted = new TreeMap<>();
            replay.account().forEach((name, count) -> {
                if (name.counter() == Counter.ROWS && count != 0) {
                    counted.put(name.table(), count);
                }
            });
            Map<String, Long> there = new TreeMap<>();
            Fold.sizes(replay.history()).forEach((table, size) -> there.put(table.toString(), (long) size));
            // by the key that a table has at the end
            capture.expected()
                    .tables()
                    .forEach((table, expected) -> there.put(table.toString(), (long)
                            Fold.rows(replay.history(), table, expected).size()));
            there.values().removeIf(size -> size == 0);
            // where a history is known to leave other rows than the source has, their number is none either
            Set<String> known = Known.lines(capture).stream()
                    .map(line -> line.split(" ", -1))
                    .filter(words -> words[3].equals("*"))
                    .map(words -> words[2])
                    .collect(Collectors.toSet());
            there.keySet().removeAll(known);
            counted.keySet().removeAll(known);

            assertThat(counted).isEqualTo(there);
        }
    }

    /** What the sinks rely on: they repair nothing. */
    @ParameterizedTest
    @MethodSource("io.tributary.exact.Capture#all")
    void everyChangeFollowsFromTheOnesBefore(Capture capture) throws Exception {
        try (Replay replay = Replay.of(capture)) {
            assertThat(Fold.faults(replay.history())).isEmpty();
        }
    }

    private static long total(Map<Tally.Name, Long> account, Counter counter) {
        return account.entrySet().stream()
                .filter(e -> e.getKey().counter() == counter)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    private static List<String> lines(Capture capture, Map<String, Long> found) {
        List<String> lines = new ArrayList<>();
        found.forEach((what, count) -> lines.add(capture + " " + what + " " + count));
        return lines;
    }

    /** What is not applied as the source sent it, by counter and label. */
    private static Map<String, Long> exceptions(Map<Tally.Name, Long> account) {
        Map<String, Long> exceptions = new TreeMap<>();
        account.forEach((name, count) -> {
            boolean policy = name.counter() == Counter.IGNORED && name.label().equals("superseded");
            if (policy
                    || !List.of(Counter.READ, Counter.APPLIED, Counter.IGNORED, Counter.ROWS)
                            .contains(name.counter())) {
                String label = name.label().isEmpty() ? "" : ":" + name.label();
                exceptions.merge(Known.name(name.table()) + " !" + name.counter() + label, count, Long::sum);
            }
        });
        return exceptions;
    }

    /** By table and column how many cells differ; the column {@code *} counts rows that are missing or too many. */
    static Map<String, Long> differences(Capture capture, List<Event> history, List<String> cells) {
        Map<String, Long> found = new TreeMap<>();
        Map<TableName, Integer> left = Fold.sizes(history);
        capture.expected().tables().forEach((name, table) -> {
            left.remove(name);
            List<Map<String, @Nullable Object>> got = Fold.rows(history, name, table);
            compare(name, table, got, found, cells);
        });
        left.forEach((name, size) -> {
            if (size > 0) {
                found.put(Known.name(name.toString()) + " *", (long) size);
            }
        });
        return found;
    }

    private static void compare(
            TableName name,
            Expected.Table table,
            List<Map<String, @Nullable Object>> got,
            Map<String, Long> found,
            List<String> cells) {
        String label = Known.name(name.toString());
        if (table.key().isEmpty()) {
            List<Map<String, @Nullable Object>> more = new ArrayList<>(got);
            long missing =
                    table.rows().stream().filter(row -> !more.remove(row)).count();
            add(found, label + " *", missing + more.size());
            return;
        }
        Map<List<@Nullable Object>, Map<String, @Nullable Object>> byKey = new HashMap<>();
        got.forEach(row -> byKey.put(key(table, row), row));
        for (Map<String, @Nullable Object> wanted : table.rows()) {
            Map<String, @Nullable Object> row = byKey.remove(key(table, wanted));
            if (row == null) {
                add(found, label + " *", 1);
                continue;
            }
            wanted.forEach((column, value) -> {
                if (!Objects.equals(value, row.get(column))) {
                    add(found, label + " " + Known.name(column), 1);
                    cells.add(label + "." + column + " wanted " + cut(value) + " got " + cut(row.get(column)));
                }
            });
        }
        add(found, label + " *", byKey.size());
    }

    private static String cut(@Nullable Object value) {
        String text = String.valueOf(value);
        return text.length() > 120 ? text.substring(0, 120) : text;
    }

    private static List<@Nullable Object> key(Expected.Table table, Map<String, @Nullable Object> row) {
        List<@Nullable Object> key = new ArrayList<>();
        table.key().forEach(column -> key.add(row.get(column)));
        return key;
    }

    private static void add(Map<String, Long> found, String what, long count) {
        if (count > 0) {
            found.merge(what, count, Long::sum);
        }
    }
}
