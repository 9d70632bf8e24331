package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import org.jspecify.annotations.Nullable;

/** Changes of tables without a key, whose rows are known by their values: as many equal ones as there are. */
final class KeylessRows {
    private final TablePolicies settings;
    private final Completion completion;
    private final Bag bag;
    private final Made made;
    private final Change told;

    /** @param told what is emitted, also to whoever asks what it was */
    KeylessRows(TablePolicies settings, Completion completion, Bag bag, Made made, Change told) {
        this.settings = settings;
        this.completion = completion;
        this.bag = bag;
        this.made = made;
        this.told = told;
    }

    Verdict apply(Event event, Fence fence, Rows rows, Changelog.Out out) {
        TableSchema schema = event.requireSchema();
        if (event.operation != Operation.DELETE && !completion.validate(event, settings.of(schema))) {
            return Verdict.INVALID;
        }
        if (event.operation == Operation.DELETE || event.operation == Operation.UPDATE) {
            if (!event.before.isPresent()) {
                return event.operation == Operation.DELETE
                        ? Verdict.NOTHING
                        : append(told.of(event), event.operation, event, fence, rows, out);
            }
            byte[] taken = bag.take(rows, schema, event.before);
            boolean isAlike = taken != null && Bytes.getLong(taken, Rows.SCHEMA_ID) == schema.id();
            if (event.operation == Operation.DELETE) {
                told.of(event);
                told.after.clear();
                asTaken(told, isAlike ? taken : null);
                told.unseen = taken == null;
                out.emit(told);
                return Verdict.APPLIED;
            }
            // a row without a key has no identity that an update could keep
            made.of(event, Operation.DELETE, schema);
            made.change.before.set(event.before);
            asTaken(made.change, isAlike ? taken : null);
            made.change.beforeSchema = schema;
            made.change.unseen = taken == null;
            out.emit(made.change);
            return append(told.of(event), Operation.CREATE, event, fence, rows, out);
        }
        return append(told.of(event), event.operation, event, fence, rows, out);
    }

    /** The row as the sinks have it. */
    private static void asTaken(Change delete, byte @Nullable [] taken) {
        if (taken != null) {
            delete.before.set(taken, Bag.ROW, taken.length - Bag.ROW);
            delete.beforeSchema = delete.schema;
        }
    }

    private Verdict append(Change change, Operation operation, Event event, Fence fence, Rows rows, Changelog.Out out) {
        bag.add(rows, event, fence.generation);
        change.operation = operation;
        change.before.clear();
        out.emit(change);
        return Verdict.APPLIED;
    }
}
