package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.expression.BoundExpression;
import io.tributary.expression.ExpressionException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows as sinks have them: those of which a condition is true, with columns that are computed. The changelog keeps them as the source
 * has them; so it is known of each change whether the row was there, and whether it is.
 *
 * <p>A row that a condition is no longer true of is deleted, one that it becomes true of is created. What is computed is computed of the
 * row before a change as well.
 */
final class ShapedRows {
    private final TablePolicies settings;
    private final boolean isNeeded;
    private final Map<Long, Plan> plans = new HashMap<>();
    private final RowReader reader = new RowReader();
    private final RowWriter writer = new RowWriter();
    private final RowBuilder builder = new RowBuilder();
    private final Change shaped = new Change();
    private @Nullable Over over;
    private @Nullable Operation emitted;
    private long added;

    /** What is done with the rows of a schema; {@code failure} is why nothing can be. */
    private record Plan(
            TableSchema source,
            TableSchema made,
            @Nullable BoundExpression where,
            List<@Nullable BoundExpression> values,
            String place,
            @Nullable String failure) {
        /** Whether its rows have other columns. */
        boolean isRemade() {
            return !values.isEmpty();
        }

        boolean isAsItIs() {
            return where == null && !isRemade();
        }
    }

    ShapedRows(Map<String, ChangelogSettings> settings) {
        this.settings = new TablePolicies(settings);
        this.isNeeded =
                settings.values().stream().anyMatch(table -> !table.shape().isAsItIs());
    }

    /** Whether a table has a condition: then not each row that the changelog has is in the sinks. */
    boolean isFiltered(TableSchema schema) {
        return isNeeded && settings.of(schema).shape().where() != null;
    }

    /** What sinks were told last since the event came; null if nothing. */
    @Nullable
    Operation emitted() {
        return emitted;
    }

    /** How many more rows of tables with a condition the sinks have since the last call. */
    long takeAdded() {
        long taken = added;
        added = 0;
        return taken;
    }

    /** Takes the changes of the next event, and gives those that sinks are told. */
    Changelog.Out over(Changelog.Out out) {
        if (!isNeeded) {
            return out;
        }
        emitted = null;
        writer.reset();
        if (over == null || over.out != out) {
            over = new Over(out);
        }
        return over;
    }

    private final class Over implements Changelog.Out {
        private final Changelog.Out out;

        Over(Changelog.Out out) {
            this.out = out;
        }

        @Override
        public void emit(Change change) {
            ShapedRows.this.emit(change, out);
        }

        @Override
        public void gone(Change deleted) {
            writer.reset();
            Plan plan = plan(deleted.imageSchema());
            if (plan.isAsItIs()) {
                out.gone(deleted);
            } else if (isThere(plan, deleted.before)) {
                copy(deleted);
                setBefore(plan, deleted);
                added -= plan.where == null ? 0 : 1;
                out.gone(shaped);
            }
        }
    }

    /**
     * Why a row cannot be: the setting whose expression has no value for it, and the reason. Null if it can.
     */
    @Nullable
    String refuses(TableSchema schema, Slice row) {
        if (!isNeeded) {
            return null;
        }
        Plan plan = plan(schema);
        if (plan.failure != null) {
            return plan.failure;
        }
        if (plan.isAsItIs()) {
            return null;
        }
        String at = "where";
        try {
            if (plan.where != null && !plan.where.isTrue(row.bytes(), row.offset())) {
                return null;
            }
            for (int column = 0; column < plan.values.size(); column++) {
                BoundExpression value = plan.values.get(column);
                if (value != null) {
                    Column made = plan.made.columns().get(column);
                    at = "columns." + made.name();
                    writer.begin(1);
                    value.write(row.bytes(), row.offset(), writer, 0, made.type());
                    writer.abandon();
                }
            }
            return null;
        } catch (ExpressionException e) {
            return "cannot evaluate '" + plan.place + at + "': " + e.getMessage();
        }
    }

    /** Whether nothing can be made of rows of a schema, as an expression does not suit it. */
    boolean isRefused(TableSchema schema) {
        return isNeeded && plan(schema).failure != null;
    }

    /** What is told from here on is of the event itself. */
    void beginEvent() {
        emitted = null;
    }

    /** A schema as sinks have it. */
    TableSchema of(TableSchema schema) {
        return isNeeded ? plan(schema).made : schema;
    }

    /** Gives so many equal rows as sinks have them, or none. */
    void give(PartRow row, int times, Consumer<? super PartRow> out) {
        Plan plan = isNeeded ? plan(row.schema) : null;
        if (plan != null && !isThere(plan, row.row)) {
            return;
        }
        if (plan != null && plan.isRemade()) {
            writer.reset();
            int length = make(plan, row.row);
            int partition = row.partition;
            long sequence = row.sequence;
            row.row(plan.made, writer.buffer(), writer.start(), length);
            row.partition = partition;
            row.sequence = sequence;
        }
        for (int i = 0; i < times; i++) {
            out.accept(row);
        }
    }

    private void emit(Change change, Changelog.Out out) {
        writer.reset(); // a truncate or a new snapshot may tell of a whole table
        Plan plan = plan(change.schema);
        Plan ofBefore = change.beforeSchema == null ? plan : plan(change.beforeSchema);
        if (plan.isAsItIs() && ofBefore.isAsItIs()) {
            emitted = change.operation;
            out.emit(change);
            return;
        }
        if (change.operation == Operation.TRUNCATE) {
            copy(change);
            shaped.schema = plan.made;
            send(out);
            return;
        }
        boolean isDelete = change.operation == Operation.DELETE;
        boolean isBeforeKnown = change.beforeSchema != null && change.before.isPresent() && !change.unseen;
        boolean was = isBeforeKnown && isThere(ofBefore, change.before);
        boolean is = !isDelete && isThere(plan, change.after);
        // also a delete that is of the history alone, as it comes late
        boolean mayHaveBeen = !isBeforeKnown
                && (isDelete || change.operation == Operation.UPDATE && change.key.isPresent() && !change.late);
        if (!was && !is && !mayHaveBeen) {
            return;
        }
        copy(change);
        if (is) {
            shaped.schema = plan.made;
            setAfter(plan, change);
            if (was) {
                setBefore(ofBefore, change);
            } else {
                shaped.before.clear();
                shaped.beforeSchema = null;
                shaped.operation =
                        isBeforeKnown && change.operation == Operation.UPDATE ? Operation.CREATE : change.operation;
            }
        } else {
            shaped.operation = Operation.DELETE;
            shaped.after.clear();
            shaped.schema = plan.made;
            if (was) {
                setBefore(ofBefore, change);
            } else {
                shaped.unseen = true;
                setKey(plan, change, isDelete);
            }
        }
        if (!change.late && isFiltered(change.schema)) {
            added += (is && !was ? 1 : 0) - (was && !is ? 1 : 0);
        }
        send(out);
    }

    private void send(Changelog.Out out) {
        emitted = shaped.operation;
        out.emit(shaped);
    }

    private void copy(Change change) {
        shaped.operation = change.operation;
        shaped.schema = change.schema;
        shaped.beforeSchema = change.beforeSchema;
        shaped.partition = change.partition;
        shaped.offset = change.offset;
        shaped.replay = change.replay;
        shaped.sourceMillis = change.sourceMillis;
        shaped.recordMillis = change.recordMillis;
        shaped.snapshot = change.snapshot;
        shaped.unseen = change.unseen;
        shaped.late = change.late;
        shaped.sequence = change.sequence;
        shaped.key.set(change.key);
        shaped.before.set(change.before);
        shaped.after.set(change.after);
        shaped.transaction.set(change.transaction);
    }

    private void setAfter(Plan plan, Change change) {
        if (plan.isRemade()) {
            int length = make(plan, change.after);
            shaped.after.set(writer.buffer(), writer.start(), length);
        }
    }

    private void setBefore(Plan plan, Change change) {
        shaped.beforeSchema = plan.made;
        if (plan.isRemade()) {
            int length = make(plan, change.before);
            shaped.before.set(writer.buffer(), writer.start(), length);
        }
    }

    /** Of a row that was never seen the key is known. */
    private void setKey(Plan plan, Change change, boolean isDelete) {
        if (change.key.isPresent()) {
            builder.reset();
            int length = builder.keyOnly(plan.made, change.key);
            shaped.before.set(builder.buffer(), builder.start(), length);
            shaped.beforeSchema = plan.made;
        } else if (isDelete && plan.isRemade()) {
            setBefore(plan, change);
        }
    }

    /** What an expression has no value for may be there, from before there was the expression. */
    private static boolean isThere(Plan plan, Slice row) {
        try {
            return plan.where == null || plan.where.isTrue(row.bytes(), row.offset());
        } catch (ExpressionException e) {
            return true;
        }
    }

    /** Writes the row with what is computed; what has no value is null, in rows from before there was the expression. */
    private int make(Plan plan, Slice row) {
        List<Column> columns = plan.made.columns();
        int sources = plan.source.columns().size();
        reader.open(plan.source, row.bytes(), row.offset());
        writer.begin(columns.size());
        for (int column = 0; column < columns.size(); column++) {
            boolean isPresent = column < sources && reader.next();
            BoundExpression value = plan.values.get(column);
            if (value != null) {
                try {
                    value.write(
                            row.bytes(),
                            row.offset(),
                            writer,
                            column,
                            columns.get(column).type());
                } catch (ExpressionException e) {
                    writer.writeNull(column);
                }
            } else if (isPresent) {
                writer.copy(reader, columns.get(column).type());
            } else if (reader.isUnsent()) {
                writer.writeUnsent(column);
            } else {
                writer.writeNull(column);
            }
        }
        return writer.end();
    }

    private Plan plan(TableSchema schema) {
        Plan plan = plans.get(schema.id());
        if (plan == null) {
            plan = planned(schema);
            plans.put(schema.id(), plan);
        }
        return plan;
    }

    private Plan planned(TableSchema schema) {
        Shape shape = settings.of(schema).shape();
        String place = "tables." + schema.table() + ".";
        String at = "where";
        try {
            BoundExpression where = shape.where() == null ? null : shape.where().bind(schema);
            List<Column> columns = new ArrayList<>(schema.columns());
            List<@Nullable BoundExpression> values = new ArrayList<>();
            columns.forEach(column -> values.add(null));
            for (Shape.Computed computed : shape.columns()) {
                at = "columns." + computed.name();
                BoundExpression value = computed.value().bind(schema);
                ColumnType type = computed.type() == null ? value.type() : computed.type();
                int index = schema.indexOf(computed.name());
                if (type == null) {
                    return failed(schema, place, at, "give its 'type', which the expression does not tell");
                }
                if (schema.key().contains(index)) {
                    return failed(schema, place, at, "a column of the key stays as it is");
                }
                if (index < 0) {
                    columns.add(new Column(computed.name(), type));
                    values.add(value);
                } else {
                    columns.set(index, new Column(computed.name(), type));
                    values.set(index, value);
                }
            }
            TableSchema made = shape.columns().isEmpty()
                    ? schema
                    : new TableSchema(schema.topic(), schema.table(), schema.told(), columns, schema.key(), Map.of());
            return new Plan(schema, made, where, shape.columns().isEmpty() ? List.of() : values, place, null);
        } catch (ExpressionException e) {
            return failed(schema, place, at, String.valueOf(e.getMessage()));
        }
    }

    private static Plan failed(TableSchema schema, String place, String at, String reason) {
        return new Plan(schema, schema, null, List.of(), place, "cannot evaluate '" + place + at + "': " + reason);
    }
}
