package io.tributary.changelog;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;

/** Makes changes of a table {@code t(id bigint primary key, v text, big text)} and keeps rows in a map. */
final class Rowing {
    static final String UNSENT = "(unsent)";
    static final TableSchema SCHEMA = new TableSchema(
            "cdc.public.t",
            new TableName("public", "t"),
            List.of(
                    new Column("id", ColumnType.INT64),
                    new Column("v", ColumnType.TEXT),
                    new Column("big", ColumnType.TEXT)),
            List.of(0));

    private Rowing() {}

    /** How many rows the tallies say there are. */
    static long counted(AbstractStreamOperatorTestHarness<?> harness) {
        var tallies = harness.getSideOutput(Tallies.OUTPUT);
        return tallies == null
                ? 0
                : tallies.stream()
                        .map(StreamRecord::getValue)
                        .filter(tally -> tally.counter() == Tally.Counter.ROWS)
                        .mapToLong(Tally::count)
                        .sum();
    }

    /** A streamed event; a commit of -1 makes it one without sequence. */
    static Event change(
            Operation operation, long id, @Nullable String v, @Nullable String big, long commit, long event) {
        Event change = new Event();
        change.operation = operation;
        change.schema = SCHEMA;
        change.schemaId = SCHEMA.id();
        change.sequenceCommit = commit;
        change.sequenceEvent = event;
        if (operation == Operation.TRUNCATE) {
            return change;
        }
        RowWriter key = new RowWriter();
        key.begin(1);
        key.writeLong(id);
        change.key.set(key.buffer(), 0, key.end());
        Slice image = operation == Operation.DELETE ? change.before : change.after;
        byte[] row = row(id, v, big);
        image.set(row, 0, row.length);
        return change;
    }

    static byte[] row(long id, @Nullable String v, @Nullable String big) {
        RowWriter writer = new RowWriter();
        writer.begin(3);
        writer.writeLong(id);
        text(writer, 1, v);
        text(writer, 2, big);
        int length = writer.end();
        return Arrays.copyOf(writer.buffer(), length);
    }

    private static void text(RowWriter writer, int column, @Nullable String value) {
        if (value == null) {
            writer.writeNull(column);
        } else if (value.equals(UNSENT)) {
            writer.writeUnsent(column);
        } else {
            byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
            writer.writeBytes(utf8, 0, utf8.length);
        }
    }

    /** A row as text: {@code 1 a null}. */
    static String text(Slice row) {
        if (!row.isPresent()) {
            return "none";
        }
        Object[] values = RowReader.values(SCHEMA, row.bytes(), row.offset());
        return values[0] + " " + values[1] + " " + values[2];
    }
}
