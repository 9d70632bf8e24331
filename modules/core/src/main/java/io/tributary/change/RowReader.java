package io.tributary.change;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks a row that {@link RowWriter} wrote, column by column and forward only.
 *
 * <pre>{@code
 * reader.open(schema, bytes, offset);
 * for (int i = 0; i < columns; i++) {
 *     if (reader.next()) { … reader.longValue() … }   // false: null, or not sent
 * }
 * }</pre>
 */
public final class RowReader {
    private byte[] bytes = {};
    private ColumnType[] types = {};
    private long schemaId;
    private int nulls;
    private int unsent;
    private int column;
    private int valueStart;
    private int valueLength;
    private int position;

    public void open(TableSchema schema, byte[] bytes, int offset) {
        if (schema.id() != schemaId || types.length == 0) {
            types = schema.columns().stream().map(Column::type).toArray(ColumnType[]::new);
            schemaId = schema.id();
        }
        start(bytes, offset);
    }

    /** Opens a row of which only the types are known. */
    public void open(ColumnType[] columns, byte[] bytes, int offset) {
        types = columns;
        schemaId = 0;
        start(bytes, offset);
    }

    private void start(byte[] bytes, int offset) {
        this.bytes = bytes;
        int size = RowWriter.bitmap(types.length);
        nulls = offset + 1;
        boolean hasUnsent = (bytes[offset] & RowWriter.HAS_UNSENT) != 0;
        unsent = hasUnsent ? nulls + size : -1;
        position = nulls + (hasUnsent ? 2 * size : size);
        column = -1;
    }

    /** Goes to the next column; false when it has no value. */
    public boolean next() {
        column++;
        if (bit(nulls)) {
            return false;
        }
        switch (types[column].storage()) {
            case BYTE -> fixed(1);
            case INT -> fixed(4);
            case LONG -> fixed(8);
            case BYTES -> variable();
        }
        return true;
    }

    private void fixed(int length) {
        valueStart = position;
        valueLength = length;
        position += length;
    }

    private void variable() {
        int length = 0;
        int shift = 0;
        byte b;
        do {
            b = bytes[position++];
            length |= (b & 0x7f) << shift;
            shift += 7;
        } while (b < 0);
        valueStart = position;
        valueLength = length;
        position += length;
    }

    private boolean bit(int map) {
        return (bytes[map + (column >> 3)] & (1 << (column & 7))) != 0;
    }

    /** Whether the column has no value because the source did not send it. */
    public boolean isUnsent() {
        return unsent >= 0 && bit(unsent);
    }

    public boolean hasUnsent() {
        return unsent >= 0;
    }

    /** Whether a row has a value that was not sent. */
    public static boolean hasUnsent(Slice row) {
        return row.isPresent() && (row.bytes()[row.offset()] & RowWriter.HAS_UNSENT) != 0;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int valueStart() {
        return valueStart;
    }

    public int valueLength() {
        return valueLength;
    }

    /** A value that is not {@link ColumnType#isVariable() variable}, as a number: a float's are its bits, false and true 0 and 1. */
    public long fixedValue() {
        return switch (valueLength) {
            case 1 -> bytes[valueStart];
            case 4 -> intValue();
            default -> longValue();
        };
    }

    public boolean booleanValue() {
        return bytes[valueStart] != 0;
    }

    public int intValue() {
        return Bytes.getInt(bytes, valueStart);
    }

    public long longValue() {
        return Bytes.getLong(bytes, valueStart);
    }

    public float floatValue() {
        return Float.intBitsToFloat(intValue());
    }

    public double doubleValue() {
        return Double.longBitsToDouble(longValue());
    }

    public String textValue() {
        return new String(bytes, valueStart, valueLength, StandardCharsets.UTF_8);
    }

    public BigDecimal decimalValue() {
        ColumnType type = types[column];
        return type.fitsLong()
                ? BigDecimal.valueOf(longValue(), type.scale())
                : new BigDecimal(new BigInteger(bytes, valueStart, valueLength), type.scale());
    }

    /**
     * The value as Java's own type for it: Boolean, Integer, Long, Float, Double, BigDecimal, String or byte[]; dates and
     * times are their numbers.
     */
    public Object value() {
        return switch (types[column].kind()) {
            case BOOLEAN -> booleanValue();
            case INT16, INT32, DATE -> intValue();
            case INT64, TIME, TIMESTAMP, TIMESTAMPTZ -> longValue();
            case FLOAT32 -> floatValue();
            case FLOAT64 -> doubleValue();
            case DECIMAL -> decimalValue();
            case TEXT, JSON, ANY -> textValue();
            case BYTES -> Arrays.copyOfRange(bytes, valueStart, valueStart + valueLength);
        };
    }

    /** A whole row as {@link #value() values}, null where there is none. */
    public static @Nullable Object[] values(TableSchema schema, byte[] bytes, int offset) {
        RowReader reader = new RowReader();
        reader.open(schema, bytes, offset);
        @Nullable Object[] values = new @Nullable Object[schema.columns().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = reader.next() ? reader.value() : null;
        }
        return values;
    }
}
