package io.tributary.aggregate;

import io.tributary.validate.Rule;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate of the pipeline file.
 *
 * @param right the table that is looked up; null for none
 * @param group columns that rows are grouped by
 * @param window how long the windows are that changes fall in by their time in the source, in milliseconds; 0 if rows are
 *     aggregated, not changes
 * @param keep how long windows are kept, in milliseconds
 */
public record AggregateSettings(
        String name, Side left, @Nullable Side right, List<Output> group, List<Call> calls, long window, long keep)
        implements Serializable {
    /** The column of a window's beginning. */
    static final String WINDOW = "window_start";

    public AggregateSettings {
        group = new ArrayList<>(group);
        calls = new ArrayList<>(calls);
    }

    /**
     * A table that is aggregated.
     *
     * @param on the columns it is joined by
     * @param columns those that are needed
     * @param where what rows must keep
     */
    public record Side(String table, List<String> on, List<String> columns, List<Rule> where) implements Serializable {
        public Side {
            on = new ArrayList<>(on);
            columns = new ArrayList<>(columns);
            where = new ArrayList<>(where);
        }
    }

    /**
     * A column of the result that is one of the rows'.
     *
     * @param index among the columns of both sides, the left's first
     */
    public record Output(String name, int index) implements Serializable {}

    /** What is made of the rows of a group. */
    public enum Function {
        COUNT,
        SUM,
        AVG,
        MIN,
        MAX,
        COUNT_DISTINCT;

        /** Whether the rows' values must be kept, each with how often it is there. */
        boolean needsValues() {
            return this == MIN || this == MAX || this == COUNT_DISTINCT;
        }
    }

    /**
     * A column of the result that is computed.
     *
     * @param index of its argument among the columns of both sides, the left's first; -1 for a count of rows
     */
    public record Call(String name, Function function, int index) implements Serializable {}

    Side side(int number) {
        if (number == 0) {
            return left;
        }
        if (right == null) {
            throw new IllegalArgumentException(name + " joins nothing");
        }
        return right;
    }

    /** The tables it is made of. */
    public List<String> tables() {
        return right == null ? List.of(left.table) : List.of(left.table, right.table);
    }

    int sides() {
        return right == null ? 1 : 2;
    }

    /** How many columns the rows have. */
    int width() {
        return left.columns.size() + (right == null ? 0 : right.columns.size());
    }

    /** All that its result depends on. */
    public String definition() {
        return "%s | %s | %s | %s | %d".formatted(left, right, group, calls, window);
    }
}
