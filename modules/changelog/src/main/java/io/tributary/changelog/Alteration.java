package io.tributary.changelog;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a table's schema became the next one.
 *
 * @param renamed columns of the schema after by their name before
 * @param anew columns of the schema after that are not those of before which had their names: they were dropped and added again
 */
record Alteration(TableSchema before, TableSchema after, Map<String, String> renamed, Set<String> anew) {

    /**
     * @param appends whether the source adds columns behind all others, as PostgreSQL does: then one that has another's place,
     *     with others behind it, is that one renamed, and one that stands behind others which it stood before is another one
     */
    static Alteration of(TableSchema before, TableSchema after, boolean appends) {
        Map<String, String> renamed = appends ? renamed(before.columns(), after.columns()) : Map.of();
        boolean isOrdered = appends && renamed.isEmpty() && isOfOneOrder(before, after);
        return new Alteration(before, after, renamed, isOrdered ? anew(before, after) : Set.of());
    }

    /** Tables of several sources that are merged may have had theirs in other orders. */
    private static boolean isOfOneOrder(TableSchema before, TableSchema after) {
        return before.told().isOrdered()
                && after.told().isOrdered()
                && !after.told().origin().isEmpty()
                && after.told().origin().equals(before.told().origin());
    }

    /** The first column that stands behind one which stood behind it was appended, and so were all that follow. */
    private static Set<String> anew(TableSchema before, TableSchema after) {
        Set<String> anew = new HashSet<>();
        int last = -1;
        for (Column column : after.columns()) {
            int index = before.indexOf(column.name());
            if (index >= 0 && (index < last || !anew.isEmpty())) {
                anew.add(column.name());
            }
            last = Math.max(last, index);
        }
        return anew;
    }

    /** The last column, if it is no key's, and had text before and has none now; else null. */
    @Nullable
    String lastThatWasText() {
        if (!isOfOneOrder(before, after)
                || before.columns().isEmpty()
                || after.columns().isEmpty()) {
            return null;
        }
        Column was = before.columns().get(before.columns().size() - 1);
        Column is = after.columns().get(after.columns().size() - 1);
        boolean isText = was.type().equals(ColumnType.TEXT) && is.type().isNumber();
        return was.name().equals(is.name()) && isText && !after.keyNames().contains(is.name()) ? is.name() : null;
    }

    /** The same where one more column is another. */
    Alteration withAnew(String column) {
        Set<String> more = new HashSet<>(anew);
        more.add(column);
        return new Alteration(before, after, renamed, more);
    }

    static Alteration none(TableSchema schema) {
        return new Alteration(schema, schema, Map.of(), Set.of());
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
        return !renamed.isEmpty() || !anew.isEmpty() || lacksDefault(before);
    }

    /** Whether rows of this earlier schema have values now that they had not. */
    boolean fills(TableSchema own) {
        return !own.equals(after) && (!renamed.isEmpty() || !anew.isEmpty() || lacksDefault(own));
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
        if (anew.contains(column.name())) {
            return -1;
        }
        String name = renamed.getOrDefault(column.name(), column.name());
        return before.indexOf(name) < 0 ? -1 : own.indexOf(name);
    }

    boolean isRenamed(Column column) {
        return renamed.containsKey(column.name());
    }

    /** Whether a text may be one that a cast to a number takes. */
    static boolean isNumber(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        return plain.isEmpty()
                || plain.chars().anyMatch(c -> c >= '0' && c <= '9')
                || plain.endsWith("nan")
                || plain.endsWith("inf")
                || plain.endsWith("infinity");
    }
}
