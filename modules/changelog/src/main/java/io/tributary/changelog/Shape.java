package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.expression.Expression;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of a table's rows the sinks have, and with which columns beside the source's.
 *
 * @param where true of the rows that they have; null of all
 * @param columns in the order in which they are added, or stand in the place of the source's own of their name
 */
public record Shape(@Nullable Expression where, List<Computed> columns) implements Serializable {
    public static final Shape AS_IT_IS = new Shape(null, List.of());

    /**
     * A column that the source does not have.
     *
     * @param type null for that of the expression
     */
    public record Computed(
            String name, Expression value, @Nullable ColumnType type) implements Serializable {}

    public Shape {
        columns = List.copyOf(columns);
    }

    /** What a savepoint knows it again by. */
    String definition() {
        StringBuilder text = new StringBuilder(where == null ? "" : "where: " + where);
        for (Computed column : columns) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(column.name())
                    .append(": ")
                    .append(column.value());
            text.append(column.type() == null ? "" : " as " + column.type());
        }
        return text.toString();
    }

    /** Whether the sinks have all rows, as the source has them. */
    public boolean isAsItIs() {
        return where == null && columns.isEmpty();
    }
}
