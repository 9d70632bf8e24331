package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes rows out of rows: filled, cut down to their key, in another schema. */
final class RowBuilder {
    private final RowReader reader = new RowReader();
    private final RowReader other = new RowReader();
    private final RowWriter writer = new RowWriter();
    private int unknown;

    /** Forgets the rows made so far. */
    void reset() {
        writer.reset();
    }

    byte[] buffer() {
        return writer.buffer();
    }

    int start() {
        return writer.start();
    }

    /** How many values the last {@link #fill} did not find. */
    int unknown() {
        return unknown;
    }

    /**
     * The row with the base's values where it has none because they were not sent.
     *
     * @param base a stored row, or null
     * @param nulls whether what is not found becomes null; else it stays unsent
     */
    int fill(TableSchema schema, Slice row, @Nullable TableSchema baseSchema, byte @Nullable [] base, boolean nulls) {
        unknown = 0;
        reader.open(schema, row.bytes(), row.offset());
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            Column wanted = schema.columns().get(column);
            if (reader.next()) {
                writer.copy(reader, wanted.type());
            } else if (!reader.isUnsent()) {
                writer.writeNull(column);
            } else if (baseSchema == null || base == null || !fillFrom(baseSchema, base, wanted, column)) {
                unknown++;
                if (nulls) {
                    writer.writeNull(column);
                } else {
                    writer.writeUnsent(column);
                }
            }
        }
        return writer.end();
    }

    private boolean fillFrom(TableSchema baseSchema, byte[] base, Column wanted, int column) {
        int index = baseSchema.indexOf(wanted.name());
        if (index < 0) {
            return false;
        }
        boolean present = seek(other, baseSchema, base, Rows.ROW, index);
        if (!present && other.isUnsent()) {
            return false;
        }
        ColumnType type = baseSchema.columns().get(index).type();
        if (!present) {
            writer.writeNull(column);
            return true;
        }
        if (type.equals(wanted.type())) {
            writer.copy(other, type);
            return true;
        }
        return Conversions.write(other, type, wanted.type(), writer);
    }

    /** The key of a stored row after its table was altered, or null if the row does not have all of it. */
    byte @Nullable [] keyOf(Alteration alteration, TableSchema own, byte[] stored) {
        TableSchema schema = alteration.after();
        List<Integer> key = schema.key();
        writer.begin(key.size());
        for (int i = 0; i < key.size(); i++) {
            Column column = schema.columns().get(key.get(i));
            int index = alteration.indexIn(own, column);
            Slice value = schema.defaultOf(key.get(i));
            if (index >= 0 && seek(other, own, stored, Rows.ROW, index)) {
                ColumnType type = own.columns().get(index).type();
                if (!type.inKey().equals(column.type().inKey())) {
                    writer.abandon();
                    return null;
                }
                writer.copyToKey(other, type);
            } else if (index < 0 && value != null) {
                reader.open(new ColumnType[] {column.type()}, alone(column.type(), value), 0);
                reader.next();
                writer.copyToKey(reader, column.type());
            } else {
                writer.abandon();
                return null;
            }
        }
        return taken();
    }

    /**
     * The key of a stored row in its own schema, null where the row has none of a column.
     *
     * @param at where the row starts, behind its head
     */
    byte[] ownKey(TableSchema own, byte[] stored, int at) {
        writer.begin(own.key().size());
        for (int i = 0; i < own.key().size(); i++) {
            int index = own.key().get(i);
            if (seek(other, own, stored, at, index)) {
                writer.copyToKey(other, own.columns().get(index).type());
            } else {
                writer.writeNull(i);
            }
        }
        return taken();
    }

    /** The row that was just written, of which nothing stays behind. */
    private byte[] taken() {
        int length = writer.end();
        byte[] row = Arrays.copyOfRange(writer.buffer(), writer.start(), writer.start() + length);
        writer.abandon();
        return row;
    }

    private static byte[] alone(ColumnType type, Slice value) {
        RowWriter row = new RowWriter();
        row.begin(1);
        row.writeValue(value, type);
        int length = row.end();
        return Arrays.copyOfRange(row.buffer(), row.start(), row.start() + length);
    }

    /**
     * The stored row after its table was altered; null if a value does not fit there.
     *
     * @param at where the row starts, behind its head
     * @param filled whether it has what no event tells of, defaults and values of renamed columns; else null for them
     */
    byte @Nullable [] after(Alteration alteration, TableSchema own, byte[] stored, int at, boolean filled) {
        TableSchema schema = alteration.after();
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            Column wanted = schema.columns().get(column);
            int index = alteration.indexIn(own, wanted);
            Slice value = schema.defaultOf(column);
            if (index < 0 && value != null && filled) {
                writer.writeValue(value, wanted.type());
            } else if (index >= 0 && (filled || !alteration.isRenamed(wanted)) && seek(other, own, stored, at, index)) {
                ColumnType type = own.columns().get(index).type();
                if (type.equals(wanted.type())) {
                    writer.copy(other, type);
                } else if (!(schema.key().contains(column)
                        ? KeyConversions.write(other, type, wanted.type(), writer)
                        : Conversions.write(other, type, wanted.type(), writer))) {
                    writer.abandon();
                    return null;
                }
            } else {
                writer.writeNull(column);
            }
        }
        byte[] made = taken();
        byte[] row = Arrays.copyOf(stored, at + made.length);
        System.arraycopy(made, 0, row, at, made.length);
        Bytes.putLong(row, Rows.SCHEMA_ID, schema.id());
        return row;
    }

    /** A row's text in a column; null where it has none. */
    @Nullable
    String text(TableSchema own, byte[] stored, int at, String column) {
        int index = own.indexOf(column);
        boolean isText = index >= 0 && own.columns().get(index).type().equals(ColumnType.TEXT);
        return isText && seek(other, own, stored, at, index) ? other.textValue() : null;
    }

    int withNulls(TableSchema schema, Slice row, List<Integer> nulls) {
        reader.open(schema, row.bytes(), row.offset());
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            if (reader.next() && !nulls.contains(column)) {
                writer.copy(reader, schema.columns().get(column).type());
            } else {
                writer.writeNull(column);
            }
        }
        return writer.end();
    }

    /** The row with another text in one column. */
    int withText(TableSchema schema, Slice row, int wanted, String text) {
        reader.open(schema, row.bytes(), row.offset());
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            boolean present = reader.next();
            if (column == wanted) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                writer.writeBytes(utf8, 0, utf8.length);
            } else if (present) {
                writer.copy(reader, schema.columns().get(column).type());
            } else {
                writer.writeNull(column);
            }
        }
        return writer.end();
    }

    /** Of a row that was never seen only the key is certain: the rest of {@code before} may be made up. */
    void keepKeyOnly(Change change) {
        int length = keyOnly(change.schema, change.key);
        change.before.set(buffer(), start(), length);
        change.beforeSchema = change.schema;
    }

    /** A row of which only the key is known. */
    int keyOnly(TableSchema schema, Slice key) {
        List<Integer> places = schema.key();
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            int place = places.indexOf(column);
            other.open(schema.keyTypes(), key.bytes(), key.offset());
            boolean present = false;
            for (int i = 0; i <= place; i++) {
                present = other.next();
            }
            if (present) {
                writer.copyFromKey(other, schema.columns().get(column).type());
            } else {
                writer.writeNull(column);
            }
        }
        return writer.end();
    }

    /** A column's value, as {@link RowReader#value()} gives it. */
    @Nullable
    Object value(TableSchema schema, Slice row, int column) {
        return seek(reader, schema, row.bytes(), row.offset(), column) ? reader.value() : null;
    }

    private static boolean seek(RowReader reader, TableSchema schema, byte[] bytes, int offset, int column) {
        reader.open(schema, bytes, offset);
        boolean present = false;
        for (int i = 0; i <= column; i++) {
            present = reader.next();
        }
        return present;
    }
}
