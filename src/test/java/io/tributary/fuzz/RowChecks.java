package io.tributary.fuzz;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads a change's rows whole and holds each value against its type. */
final class RowChecks {
    private static final long DAY_MICROS = 86_400_000_000L;

    private RowChecks() {}

    static void check(Change change) {
        check(change.schema, change.operation, change.key, change.after, change.transaction);
        if (change.beforeSchema != null) {
            check(change.beforeSchema, change.before);
        }
    }

    static void check(Event event) {
        TableSchema schema = event.requireSchema();
        check(schema, event.operation, event.key, event.after, event.transaction);
        check(schema, event.before);
    }

    private static void check(TableSchema schema, Operation operation, Slice key, Slice after, Slice transaction) {
        if (schema.hasKey() != key.isPresent() && operation != Operation.TRUNCATE) {
            throw new AssertionError("a table with" + (schema.hasKey() ? "" : "out") + " key, a change with"
                    + (key.isPresent() ? "" : "out"));
        }
        check(keySchema(schema), key);
        check(schema, after);
        if (transaction.isPresent()) {
            text(transaction.bytes(), transaction.offset(), transaction.length());
        }
    }

    /** Values by column, those that are there. */
    static Map<String, String> values(TableSchema schema, Slice row) {
        Map<String, String> values = new TreeMap<>();
        if (row.isPresent()) {
            RowReader reader = new RowReader();
            reader.open(schema, row.bytes(), row.offset());
            for (Column column : schema.columns()) {
                if (reader.next()) {
                    Object value = reader.value();
                    values.put(
                            column.name(), value instanceof byte[] b ? java.util.Arrays.toString(b) : value.toString());
                } else if (reader.isUnsent()) {
                    values.put(column.name(), "unsent");
                }
            }
        }
        return values;
    }

    static TableSchema keySchema(TableSchema schema) {
        return new TableSchema(
                "",
                schema.table(),
                schema.key().stream()
                        .map(schema.columns()::get)
                        .map(column -> new Column(column.name(), column.type().inKey()))
                        .toList(),
                List.of());
    }

    private static void check(TableSchema schema, Slice row) {
        if (!row.isPresent()) {
            return;
        }
        RowReader reader = new RowReader();
        reader.open(schema, row.bytes(), row.offset());
        int end = -1;
        for (Column column : schema.columns()) {
            if (reader.next()) {
                end = reader.valueStart() + reader.valueLength();
                if (reader.valueLength() < 0 || end > row.offset() + row.length()) {
                    throw new AssertionError("column " + column + " ends past its row");
                }
                check(column, reader);
            }
        }
        if (end >= 0 && end != row.offset() + row.length()) {
            throw new AssertionError(row.offset() + row.length() - end + " bytes are left of the row");
        }
    }

    private static void check(Column column, RowReader reader) {
        Object value = reader.value();
        ColumnType type = column.type();
        switch (type.kind()) {
            case TEXT, JSON -> text(reader.bytes(), reader.valueStart(), reader.valueLength());
            case TIME -> in(column, (Long) value, 0, DAY_MICROS);
            // PostgreSQL's: from 4713 BC to 5874897, or to 294246
            case DATE -> in(column, (Integer) value, -2_440_588, 2_145_042_905);
            case TIMESTAMP, TIMESTAMPTZ ->
                in(column, (Long) value, -2_440_588 * DAY_MICROS, 9_223_339_708_800_000_000L);
            case INT16 -> in(column, (Integer) value, Short.MIN_VALUE, Short.MAX_VALUE);
            case DECIMAL -> {
                if (((BigDecimal) value).precision() > type.precision()) {
                    throw new AssertionError(column + " holds " + value);
                }
            }
            default -> {}
        }
    }

    private static void in(Column column, long value, long least, long most) {
        if (value < least || value > most) {
            throw new AssertionError(column + " holds " + value);
        }
    }

    private static void text(byte[] bytes, int from, int length) {
        int at = from;
        while (at < from + length && bytes[at] >= 0) {
            at++;
        }
        if (at == from + length) {
            return;
        }
        try {
            var unused = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, from, length));
        } catch (CharacterCodingException e) {
            throw new AssertionError("a text is not UTF-8", e);
        }
    }
}
