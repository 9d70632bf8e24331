package io.tributary.console;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Changes of one table, for the tests of its lines. */
final class Lines {
    static final TableSchema SCHEMA = new TableSchema(
            "cdc.public.orders",
            new TableName("public", "orders"),
            List.of(
                    new Column("id", ColumnType.INT64),
                    new Column("city", ColumnType.TEXT),
                    new Column("amount", ColumnType.decimal(12, 2)),
                    new Column("at", ColumnType.TIMESTAMPTZ)),
            List.of(0));

    private Lines() {}

    static Change change(Operation operation, @Nullable Slice before, @Nullable Slice after) {
        Change change = new Change();
        change.operation = operation;
        change.schema = SCHEMA;
        change.partition = 3;
        change.offset = 42;
        change.sourceMillis = 1_700_000_000_100L;
        if (before != null) {
            change.beforeSchema = SCHEMA;
            change.before.set(before.bytes(), before.offset(), before.length());
        }
        if (after != null) {
            change.after.set(after.bytes(), after.offset(), after.length());
        }
        return change;
    }

    /** @param cents null for null */
    static Slice row(long id, @Nullable String city, @Nullable Long cents, @Nullable Long at) {
        RowWriter writer = new RowWriter();
        writer.begin(4);
        writer.writeLong(id);
        if (city == null) {
            writer.writeNull(1);
        } else {
            byte[] text = city.getBytes(StandardCharsets.UTF_8);
            writer.writeBytes(text, 0, text.length);
        }
        number(writer, 2, cents);
        number(writer, 3, at);
        Slice row = new Slice();
        int length = writer.end();
        row.set(writer.buffer(), writer.start(), length);
        return row;
    }

    private static void number(RowWriter writer, int column, @Nullable Long value) {
        if (value == null) {
            writer.writeNull(column);
        } else {
            writer.writeLong(value);
        }
    }
}
