package io.tributary.exact;

import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A change as the changelog emitted it.
 *
 * @param key the columns of the table's key as the change knew it
 * @param before by column, or null where there is none
 * @param after by column, or null where there is none
 */
record Event(
        TableName table,
        Operation operation,
        String topic,
        int partition,
        long offset,
        List<String> key,
        @Nullable Map<String, Cell> before,
        @Nullable Map<String, Cell> after) {

    /** @param value as {@link RowReader#value()} gives it */
    record Cell(ColumnType type, @Nullable Object value) {}

    static Event of(Change change) {
        TableSchema schema = change.schema;
        TableSchema beforeSchema = change.beforeSchema == null ? schema : change.beforeSchema;
        return new Event(
                schema.table(),
                change.operation,
                schema.topic(),
                change.partition,
                change.offset,
                schema.keyNames(),
                row(beforeSchema, change.before),
                row(schema, change.after));
    }

    private static @Nullable Map<String, Cell> row(TableSchema schema, Slice slice) {
        if (!slice.isPresent()) {
            return null;
        }
        Map<String, Cell> row = new LinkedHashMap<>();
        RowReader reader = new RowReader();
        reader.open(schema, slice.bytes(), slice.offset());
        schema.columns().forEach(column -> {
            boolean present = reader.next();
            if (!present && reader.isUnsent()) {
                throw new AssertionError(column.name() + " of " + schema.table() + " was left out");
            }
            row.put(column.name(), new Cell(column.type(), present ? reader.value() : null));
        });
        return row;
    }

    /** The row that a history has of it. */
    Map<String, Cell> image() {
        Map<String, Cell> image = operation == Operation.DELETE ? before : after;
        return image == null ? Map.of() : image;
    }

    /** One line of the history: the place in the source, and what it is. */
    String place() {
        return topic + "-" + partition + "@" + offset + " " + operation.code();
    }
}
