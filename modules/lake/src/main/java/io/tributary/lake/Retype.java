package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The columns of some files that are to be wider than the files have them.
 *
 * @param widened by the column's name
 */
record Retype(Map<String, Widening> widened) {
    /** @param column as it is to be */
    record Widening(LakeColumn column, Conversion conversion) {}

    /** @param wide the table's columns, each at least as wide as the files' column of that name */
    static Retype between(List<LakeColumn> files, List<LakeColumn> wide) {
        Map<String, LakeColumn> wideByName = wide.stream().collect(Collectors.toMap(LakeColumn::name, c -> c));
        Map<String, Widening> widened = new TreeMap<>();
        for (LakeColumn column : files) {
            LakeColumn to = wideByName.getOrDefault(column.name(), column);
            if (!to.type().equals(column.type()) && !isAlike(column.type(), to.type())) {
                widened.put(column.name(), new Widening(to, Conversion.of(column.type(), to.type())));
            }
        }
        return new Retype(widened);
    }

    /** Whether files hold both types in the same way. */
    private static boolean isAlike(ColumnType type, ColumnType wide) {
        return (type.kind() == ColumnType.Kind.JSON || type.kind() == ColumnType.Kind.ANY)
                && wide.kind() == ColumnType.Kind.TEXT;
    }

    boolean isNone() {
        return widened.isEmpty();
    }

    /** Where the copy of a file lies: the same place at each attempt, so that an attempt finds what one before it wrote. */
    String pathOf(String file) {
        int dot = file.indexOf('.', file.lastIndexOf('/') + 1);
        int end = dot < 0 ? file.length() : dot;
        String types = widened.values().stream()
                .map(widening ->
                        widening.column().name() + " " + widening.conversion().to())
                .collect(Collectors.joining("\n"));
        return file.substring(0, end) + "-%08x".formatted(types.hashCode()) + file.substring(end);
    }

    /** {@code 'x' from int32 to text, 'y' from …}. */
    @Override
    public String toString() {
        return widened.values().stream()
                .map(widening -> "'%s' from %s to %s"
                        .formatted(
                                widening.column().name(),
                                widening.conversion().from(),
                                widening.conversion().to()))
                .collect(Collectors.joining(", "));
    }
}
