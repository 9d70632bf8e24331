package io.tributary.exact;

import io.tributary.change.Operation;
import io.tributary.change.TableName;
import io.tributary.change.ValueText;
import io.tributary.exact.Event.Cell;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A history folded to the rows that it leaves. */
final class Fold {
    private Fold() {}

    /** The rows of one table as {@link PgValue}s of its columns' types: by its primary key, or as a multiset without one. */
    static List<Map<String, @Nullable Object>> rows(List<Event> history, TableName name, Expected.Table table) {
        Map<List<@Nullable Object>, Map<String, @Nullable Object>> byKey = new LinkedHashMap<>();
        List<Map<String, @Nullable Object>> bag = new ArrayList<>();
        for (Event event : history) {
            if (!event.table().equals(name)) {
                continue;
            }
            if (event.operation() == Operation.TRUNCATE) {
                byKey.clear();
                bag.clear();
                continue;
            }
            Map<String, @Nullable Object> row = typed(event.image(), table.types());
            boolean delete = event.operation() == Operation.DELETE;
            // without a primary key the connector takes the columns of the replica identity
            List<String> columns = table.key().isEmpty() ? event.key() : table.key();
            if (columns.isEmpty()) {
                if (delete) {
                    bag.remove(row);
                } else {
                    bag.add(row);
                }
                continue;
            }
            List<@Nullable Object> key = new ArrayList<>();
            columns.forEach(column -> key.add(row.get(column)));
            if (delete) {
                byKey.remove(key);
            } else {
                byKey.put(key, row);
            }
        }
        bag.addAll(byKey.values());
        return bag;
    }

    /** All that a history leaves: how often each row is there, by table; of tables that are not expected, how many rows. */
    static Map<String, Object> all(List<Event> history, Expected expected) {
        Map<String, Object> all = new TreeMap<>();
        sizes(history).forEach((name, size) -> all.put(name.toString(), size));
        expected.tables().forEach((name, table) -> {
            Map<Object, Integer> rows = new HashMap<>();
            rows(history, name, table).forEach(row -> rows.merge(row, 1, Integer::sum));
            all.put(name.toString(), rows);
        });
        return all;
    }

    private static Map<String, @Nullable Object> typed(Map<String, Cell> row, Map<String, String> types) {
        Map<String, @Nullable Object> typed = new LinkedHashMap<>();
        types.forEach((column, type) -> {
            Cell cell = row.get(column);
            typed.put(column, cell == null ? null : PgValue.emitted(type, cell.type(), cell.value()));
        });
        return typed;
    }

    /**
     * Where a history does not follow from itself: an insert of a row that is there, a change or a delete of one that is not, or a
     * row before that is another than the row was.
     */
    static List<String> faults(List<Event> history) {
        List<String> faults = new ArrayList<>();
        Map<TableName, Map<List<String>, Map<String, Cell>>> live = new LinkedHashMap<>();
        Map<TableName, List<String>> keys = new LinkedHashMap<>();
        for (Event event : history) {
            Map<List<String>, Map<String, Cell>> rows = live.computeIfAbsent(event.table(), t -> new LinkedHashMap<>());
            if (event.operation() == Operation.TRUNCATE) {
                rows.clear();
            } else if (!event.key().isEmpty()) {
                List<String> key = key(event.key(), event.image());
                if (!event.key().equals(keys.put(event.table(), event.key()))) {
                    rekey(rows, event.key());
                }
                boolean delete = event.operation() == Operation.DELETE;
                Map<String, Cell> row = delete ? rows.remove(key) : rows.put(key, event.image());
                String fault = fault(event, row);
                if (!fault.isEmpty()) {
                    faults.add(event.place() + " " + event.table() + key + ": " + fault);
                }
            }
        }
        return faults;
    }

    /** The key was altered: the rows are the same. */
    static void rekey(Map<List<String>, Map<String, Cell>> rows, List<String> columns) {
        List<Map<String, Cell>> all = new ArrayList<>(rows.values());
        rows.clear();
        all.forEach(row -> rows.put(key(columns, row), row));
    }

    private static String fault(Event event, @Nullable Map<String, Cell> row) {
        Map<String, Cell> before = event.before();
        if (event.operation() == Operation.CREATE) {
            return row != null ? "is there" : before != null ? "has a row before" : "";
        }
        if (row == null) {
            // a row that the connector has not told of before: of a delete the key is known
            return before == null || event.operation() == Operation.DELETE ? "" : "is not there";
        }
        return before != null && isSame(row, before) ? "" : "was " + row + ", not " + before;
    }

    /** Whether what both have is equal: a column may have been added or dropped since. */
    private static boolean isSame(Map<String, Cell> row, Map<String, Cell> before) {
        return row.entrySet().stream().allMatch(e -> {
            Cell cell = before.get(e.getKey());
            return cell == null || text(cell).equals(text(e.getValue()));
        });
    }

    private static String text(@Nullable Cell cell) {
        if (cell == null || cell.value() == null) {
            return "null";
        }
        return cell.value() instanceof BigDecimal number
                ? number.stripTrailingZeros().toPlainString()
                : ValueText.of(cell.type(), cell.value());
    }

    static List<String> key(List<String> columns, Map<String, Cell> row) {
        return columns.stream().map(column -> text(row.get(column))).toList();
    }

    /** How many rows each table is left with, by the keys that the changes themselves have. */
    static Map<TableName, Integer> sizes(List<Event> history) {
        Map<TableName, Map<List<String>, Integer>> live = new LinkedHashMap<>();
        for (Event event : history) {
            Map<List<String>, Integer> rows = live.computeIfAbsent(event.table(), t -> new LinkedHashMap<>());
            List<String> key =
                    key(event.key().isEmpty() ? List.copyOf(event.image().keySet()) : event.key(), event.image());
            switch (event.operation()) {
                case TRUNCATE -> rows.clear();
                case DELETE -> rows.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
                default -> rows.merge(key, 1, (a, b) -> event.key().isEmpty() ? a + b : 1);
            }
        }
        Map<TableName, Integer> sizes = new LinkedHashMap<>();
        live.forEach((table, rows) -> sizes.put(
                table, rows.values().stream().mapToInt(Integer::intValue).sum()));
        return sizes;
    }
}
