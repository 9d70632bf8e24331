package io.tributary.aggregate;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.expression.BoundExpression;
import io.tributary.expression.Expression;
import io.tributary.expression.ExpressionException;
import io.tributary.validate.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the changes of a table are to one side of an aggregate: the row before goes, the row after comes, each cut down to the
 * columns that are needed; of equal ones only how many is kept. Of an aggregate with windows, a change comes, and never goes.
 */
final class AggregatedRows {
    private static final Logger LOG = LoggerFactory.getLogger(AggregatedRows.class);
    private static final long MICROS = 1_000;
    private static final long AHEAD = 60_000;

    private final AggregateSettings settings;
    private final int side;
    private final AggregateSettings.Side table;
    private final RowReader reader = new RowReader();
    private final Map<Long, Plan> plans = new HashMap<>();
    private final Map<RowDelta, Long> waiting = new HashMap<>();
    private final List<RowDelta> types = new ArrayList<>();
    private final LongSupplier clock;
    /** Schemas of which it was said that a row has no value. */
    private final Set<Long> told = new HashSet<>();
    /** How many changes had a time that cannot be. */
    private long ahead;

    private int lastPartition = -1;
    private long lastOffset = -1;

    /** Where a schema has what is needed: indexes of columns, or -1. */
    private record Plan(List<Integer> on, List<Integer> columns, List<Integer> where, List<ColumnType> types) {}

    /** @param clock our time, in milliseconds since 1970 */
    AggregatedRows(AggregateSettings settings, int side, LongSupplier clock) {
        this.clock = clock;
        this.settings = settings;
        this.side = side;
        this.table = settings.side(side);
    }

    void add(Change change) {
        if (change.operation == Operation.TRUNCATE) {
            return; // its rows go one by one
        }
        if (settings.window() > 0) {
            addToWindow(change);
            return;
        }
        if (change.late) {
            return;
        }
        if (!change.unseen) {
            add(change.beforeSchema, change.before, change, -1);
        }
        add(change.schema, change.after, change, 1);
    }

    private void addToWindow(Change change) {
        boolean same = change.offset == lastOffset && change.partition == lastPartition;
        lastOffset = change.offset;
        lastPartition = change.partition;
        if (same || change.snapshot || change.operation == Operation.READ || change.sourceMillis <= 0) {
            return; // nothing that the source has changed, or its other half
        }
        boolean isDelete = change.operation == Operation.DELETE;
        add(isDelete ? change.beforeSchema : change.schema, isDelete ? change.before : change.after, change, 1);
    }

    private void add(@Nullable TableSchema schema, Slice row, Change change, long weight) {
        if (schema == null || !row.isPresent()) {
            return;
        }
        Plan plan = plans.get(schema.id());
        if (plan == null) {
            plan = plan(schema);
            plans.put(schema.id(), plan);
        }
        @Nullable String[] values = new @Nullable String[plan.types.size()];
        @Nullable Object[] checked = new @Nullable Object[values.length];
        reader.open(schema, row.bytes(), row.offset());
        for (int i = 0; i < values.length; i++) {
            if (reader.next()) {
                if (plan.where.contains(i)) {
                    checked[i] = reader.value();
                }
                if (plan.on.contains(i) || plan.columns.contains(i)) {
                    values[i] = Value.of(plan.types.get(i), reader);
                }
            }
        }
        if (!isWanted(plan, checked, change, schema, row)) {
            return;
        }
        List<@Nullable String> key = at(plan.on, values);
        if (key.contains(null)) {
            return; // equal to none, as SQL has it
        }
        List<@Nullable String> needed = at(plan.columns, values);
        if (settings.window() > 0) {
            long time = possible(change);
            long start = time - Math.floorMod(time, settings.window());
            needed.add(Value.ofTime(start * MICROS));
        }
        waiting.merge(RowDelta.row(settings.name(), side, RowDelta.joined(key), needed, 0), weight, Long::sum);
    }

    /**
     * A change's time. One far ahead of when its record was written, and of now, is a mistake of a clock: its window would be the newest for
     * as long as that lies ahead, and take all others out of the table.
     */
    private long possible(Change change) {
        long now = clock.getAsLong();
        long written = change.recordMillis > 0 ? Math.min(change.recordMillis, now) : now;
        if (change.sourceMillis <= written + AHEAD) {
            return change.sourceMillis;
        }
        ahead++;
        return written;
    }

    long ahead() {
        return ahead;
    }

    /** Of a row that it has no value for, it is not true. */
    private boolean isTrue(Expression condition, TableSchema schema, Slice row) {
        BoundExpression bound;
        try {
            bound = condition.bind(schema);
        } catch (ExpressionException e) { // the aggregate would be of no row at all
            throw new SuppressRestartsException(new IllegalStateException("cannot evaluate 'aggregates."
                    + settings.name() + ".where' on " + schema.table() + ": " + e.getMessage()));
        }
        try {
            return bound.isTrue(row.bytes(), row.offset());
        } catch (ExpressionException e) {
            if (told.add(schema.id())) {
                LOG.warn(
                        "'aggregates.{}.where' has no value for a row of {}, which is left out: {}",
                        settings.name(),
                        schema.table(),
                        e.getMessage());
            }
            return false;
        }
    }

    private boolean isWanted(Plan plan, @Nullable Object[] checked, Change change, TableSchema schema, Slice row) {
        for (int i = 0; i < table.where().size(); i++) {
            Rule rule = table.where().get(i);
            if (rule.condition() != null) {
                if (!isTrue(rule.condition(), schema, row)) {
                    return false;
                }
                continue;
            }
            int column = plan.where.get(i);
            Object value = column < 0 ? null : checked[column];
            if (value == null || !rule.holds(plan.types.get(column), value, change.sourceMillis)) {
                return false; // of null nothing is true, as SQL has it
            }
        }
        return true;
    }

    private static List<@Nullable String> at(List<Integer> columns, @Nullable String[] values) {
        List<@Nullable String> found = new ArrayList<>(columns.size() + 1);
        for (int column : columns) {
            found.add(column < 0 ? null : values[column]);
        }
        return found;
    }

    private Plan plan(TableSchema schema) {
        List<Integer> columns = table.columns().stream().map(schema::indexOf).toList();
        List<@Nullable String> columnTypes = new ArrayList<>();
        for (int column : columns) {
            columnTypes.add(
                    column < 0 ? null : schema.columns().get(column).type().toString());
        }
        types.add(RowDelta.types(settings.name(), side, columnTypes));
        return new Plan(
                table.on().stream().map(schema::indexOf).toList(),
                columns,
                table.where().stream()
                        .map(rule -> schema.indexOf(rule.column()))
                        .toList(),
                schema.columns().stream().map(Column::type).toList());
    }

    int size() {
        return waiting.size();
    }

    void drain(Consumer<RowDelta> to) {
        types.forEach(to);
        types.clear();
        waiting.forEach((row, weight) -> {
            if (weight != 0) {
                to.accept(row.times(weight));
            }
        });
        waiting.clear();
    }
}
