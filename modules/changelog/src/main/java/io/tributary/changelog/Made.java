package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;

/** Changes that no event stands for, one at a time. */
final class Made {
    /** Lives until the next. */
    final Change change = new Change();

    /**
     * A change whose place is that of the event which brought it about. What a snapshot or a new schema brings about is no change that the source
     * made.
     */
    Change of(Event cause, Operation operation, TableSchema schema) {
        change.clear();
        change.operation = operation;
        change.schema =
                operation == Operation.DELETE ? schema.on(cause.requireSchema().topic()) : schema;
        change.partition = cause.partition;
        change.offset = cause.offset;
        change.sourceMillis = cause.sourceMillis;
        change.recordMillis = cause.recordMillis;
        change.snapshot = cause.kind != Event.Kind.ROW;
        return change;
    }
}
