package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rejections as rows of a table of their own, which flow to the sinks with all others and as exactly once. */
public final class DeadLetters {
    /** Not a name that a source can have: its tables have a schema or a database. */
    public static final TableName TABLE = new TableName("", "rejected");

    private static final List<Column> COLUMNS = List.of(
            new Column("reason", ColumnType.TEXT),
            new Column("detail", ColumnType.TEXT),
            new Column("table", ColumnType.TEXT),
            new Column("topic", ColumnType.TEXT),
            new Column("partition", ColumnType.INT32),
            new Column("offset", ColumnType.INT64),
            new Column("timestamp", ColumnType.TIMESTAMPTZ),
            new Column("key", ColumnType.BYTES),
            new Column("value", ColumnType.BYTES));

    private final Map<String, TableSchema> schemas = new HashMap<>();
    private final RowWriter row = new RowWriter();

    /** Makes {@code change} the dead letter of a record; {@code table} is the account's name of its table. */
    public void fill(Change change, RawRecord record, String table, String reason, String detail) {
        write(
                change,
                record.topic,
                record.partition,
                record.offset,
                record.timestamp,
                table,
                reason,
                detail,
                record.key,
                record.value);
    }

    /** Makes {@code change} its own dead letter; the bytes of the record are not known any more. */
    public void fill(Change change, String reason, String rule, String detail) {
        TableSchema schema = change.requireSchema();
        write(
                change,
                schema.topic(),
                change.partition,
                change.offset,
                change.recordMillis,
                schema.table().toString(),
                reason,
                detail,
                null,
                null);
    }

    private void write(
            Change change,
            String topic,
            int partition,
            long offset,
            long recordMillis,
            String table,
            String reason,
            String detail,
            byte @Nullable [] key,
            byte @Nullable [] value) {
        row.reset();
        row.begin(COLUMNS.size());
        text(reason);
        text(detail);
        text(table);
        text(topic);
        row.writeInt(partition);
        row.writeLong(offset);
        row.writeLong(recordMillis * 1000);
        bytes(7, key);
        bytes(8, value);
        int length = row.end();
        long bucket = change.bucket;
        change.clear();
        change.bucket = bucket;
        change.kind = Change.Kind.APPEND;
        change.operation = Operation.CREATE;
        change.schema = schemas.computeIfAbsent(topic, t -> new TableSchema(t, TABLE, COLUMNS, List.of()));
        change.schemaId = change.schema.id();
        change.partition = partition;
        change.offset = offset;
        change.recordMillis = recordMillis;
        change.after.set(row.buffer(), row.start(), length);
    }

    private void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(utf8, 0, utf8.length);
    }

    private void bytes(int column, byte @Nullable [] value) {
        if (value == null) {
            row.writeNull(column);
        } else {
            row.writeBytes(value, 0, value.length);
        }
    }
}
