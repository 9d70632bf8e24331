package io.tributary.local;

import io.tributary.change.Column;
import io.tributary.change.TableName;
import io.tributary.change.ValueText;
import io.tributary.flow.DeadLetters;
import io.tributary.lake.LakeReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a lake holds of some tables, followed file by file: each is read once. For one thread. */
final class LakeTail {
    private static final int NEWEST = 25;
    private static final int LETTERS = 50;
    private static final int COLUMNS = 7;

    private final LakeReader lake;
    private final Map<String, Table> tables = new TreeMap<>();
    private final Set<String> lettersSeen = new HashSet<>();
    private List<Line> letters = List.of();

    /**
     * A change, or a dead letter.
     *
     * @param at milliseconds since 1970
     * @param what the operation, or the reason
     */
    record Line(long at, String what, String table, String text) {}

    /** Of one table; {@code rows} are those there are after all changes. */
    private static final class Table {
        final TableName name;
        final Set<String> seen = new HashSet<>();
        long changes;
        long rows;
        boolean isTorn;
        List<Line> newest = List.of();

        Table(TableName name) {
            this.name = name;
        }
    }

    private record Op(long offset, char code) {}

    LakeTail(String lake, List<TableName> names) {
        this.lake = new LakeReader(lake);
        names.forEach(name -> tables.put(name.toString(), new Table(name)));
    }

    /** Reads what has been committed since the last time. */
    void follow() throws IOException {
        for (Table table : List.copyOf(tables.values())) {
            if (lake.has(table.name)) {
                Set<String> files = lake.files(table.name);
                // files that a wider column has rewritten, or a look that failed: from the beginning
                boolean again = table.isTorn || !files.containsAll(table.seen);
                Table followed = again ? new Table(table.name) : table;
                tables.put(table.name.toString(), followed);
                followed.isTorn = true;
                follow(followed);
                followed.isTorn = false;
            }
        }
        if (lake.has(DeadLetters.TABLE)) {
            List<Line> all = new ArrayList<>(letters);
            lake.forEach(DeadLetters.TABLE, lettersSeen, row -> add(all, letter(row), LETTERS));
            letters = newest(all, LETTERS);
        }
    }

    private void follow(Table table) throws IOException {
        Map<String, Column> columns = lake.columns(table.name);
        List<Op> ops = new ArrayList<>();
        List<Line> lines = new ArrayList<>(table.newest);
        lake.forEach(table.name, table.seen, row -> {
            char code = String.valueOf(row.get("_op")).charAt(0);
            ops.add(new Op(number(row, "_offset"), code));
            add(
                    lines,
                    new Line(number(row, "_ts_ms"), String.valueOf(code), table.name.toString(), text(columns, row)),
                    NEWEST);
        });
        ops.sort(Comparator.comparingLong(Op::offset)); // so that a truncate takes what came before it
        for (Op op : ops) {
            switch (op.code) {
                case 'c', 'r' -> table.rows++;
                case 'd' -> table.rows--;
                case 't' -> table.rows = 0;
                default -> {
                    // an update leaves as many
                }
            }
        }
        table.changes += ops.size();
        table.newest = newest(lines, NEWEST);
    }

    /** Keeps the list short while a large lake is read. */
    private static void add(List<Line> lines, Line line, int most) {
        lines.add(line);
        if (lines.size() > most * 40) {
            List<Line> kept = newest(lines, most);
            lines.clear();
            lines.addAll(kept);
        }
    }

    private static List<Line> newest(List<Line> lines, int most) {
        return lines.stream()
                .sorted(Comparator.comparingLong(Line::at).reversed())
                .limit(most)
                .toList();
    }

    private static Line letter(Map<String, @Nullable Object> row) {
        return new Line(
                Math.floorDiv(number(row, "timestamp"), 1000),
                String.valueOf(row.get("reason")),
                String.valueOf(row.get("table")),
                Objects.requireNonNullElse(row.get("detail"), "").toString());
    }

    private static String text(Map<String, Column> columns, Map<String, @Nullable Object> row) {
        List<String> parts = new ArrayList<>();
        columns.forEach((name, column) -> {
            Object value = row.get(name);
            if (value != null && parts.size() < COLUMNS) {
                String text = ValueText.of(column.type(), value);
                parts.add(column.name() + "=" + (text.length() > 40 ? text.substring(0, 40) + "…" : text));
            }
        });
        return String.join(" ", parts);
    }

    private static long number(Map<String, @Nullable Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : 0;
    }

    /** How many changes the history has. */
    long changes(String table) {
        return Objects.requireNonNull(tables.get(table)).changes;
    }

    /** How many rows there are after them. */
    long rows(String table) {
        return Objects.requireNonNull(tables.get(table)).rows;
    }

    List<Line> newestChanges() {
        return newest(
                tables.values().stream().flatMap(table -> table.newest.stream()).toList(), NEWEST);
    }

    List<Line> newestLetters() {
        return letters;
    }
}
