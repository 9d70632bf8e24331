package io.tributary.changelog;

import io.tributary.change.Column;
import io.tributary.change.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a table's schema became the next one.
 *
 * @param renamed columns of the schema after by their name before
 */
record Alteration(TableSchema before, TableSchema after, Map<String, String> renamed) {

    /**
     * @param appends whether the source adds columns behind all others, as PostgreSQL does: then one that has another's place,
     *     with others behind it, is that one renamed
     */
    static Alteration of(TableSchema before, TableSchema after, boolean appends) {
        return new Alteration(before, after, appends ? renamed(before.columns(), after.columns()) : Map.of());
    }

    static Alteration none(TableSchema schema) {
        return new Alteration(schema, schema, Map.of());
    }

    private static Map<String, String> renamed(List<Column> before, List<Column> after) {
        Map<String, String> renamed = new HashMap<>();
        if (before.size() != after.size()) {
            return Map.of();
        }
        boolean isProven = false;
        for (int i = before.size() - 1; i >= 0; i--) {
            if (before.get(i).name().equals(after.get(i).name())) {
                isProven = true;
            } else if (isProven && before.get(i).type().equals(after.get(i).type())) {
                renamed.put(after.get(i).name(), before.get(i).name());
            } else {
                return Map.of();
            }
        }
        return renamed;
    }

    /** Whether rows of before have values now that no event tells of. */
    boolean fills() {
        return !renamed.isEmpty() || lacksDefault(before);
    }

    /** Whether rows of this earlier schema have values now that they had not. */
    boolean fills(TableSchema own) {
        return !own.equals(after) && (!renamed.isEmpty() || lacksDefault(own));
    }

    private boolean lacksDefault(TableSchema own) {
        for (int column = 0; column < after.columns().size(); column++) {
            if (after.defaultOf(column) != null && indexIn(own, after.columns().get(column)) < 0) {
                return true;
            }
        }
        return false;
    }

    /** Where a column of the schema after is in rows of an earlier one, or -1: a column that was dropped in between is another. */
    int indexIn(TableSchema own, Column column) {
        if (own.equals(after)) {
            return after.indexOf(column.name());
        }
        String name = renamed.getOrDefault(column.name(), column.name());
        return before.indexOf(name) < 0 ? -1 : own.indexOf(name);
    }

    boolean isRenamed(Column column) {
        return renamed.containsKey(column.name());
    }
}
