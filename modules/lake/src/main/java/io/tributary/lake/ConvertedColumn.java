package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import io.tributary.change.RowReader;
import java.math.BigInteger;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;

/** Gives Parquet the values of a column that is wider than they are. */
final class ConvertedColumn {
    private final Conversion conversion;
    private final ColumnType from;
    private final ColumnType to;

    ConvertedColumn(Conversion conversion) {
        this.conversion = conversion;
        this.from = conversion.from();
        this.to = conversion.to();
    }

    /** @param row at a value of the column */
    void add(RecordConsumer out, RowReader row) {
        if (from.isVariable()) {
            add(out, row.bytes(), row.valueStart(), row.valueLength());
        } else {
            add(out, row.fixedValue());
        }
    }

    /** @param file at a value of the column, in whichever of Parquet's types its writer chose */
    void add(RecordConsumer out, ColumnReader file) {
        switch (file.getDescriptor().getPrimitiveType().getPrimitiveTypeName()) {
            case BOOLEAN -> add(out, file.getBoolean() ? 1 : 0);
            case INT32 -> add(out, file.getInteger());
            case INT64 -> add(out, file.getLong());
            case FLOAT -> add(out, Float.floatToRawIntBits(file.getFloat()));
            case DOUBLE -> add(out, Double.doubleToRawLongBits(file.getDouble()));
            case BINARY, FIXED_LEN_BYTE_ARRAY -> add(out, file.getBinary());
            case INT96 -> throw new UnsupportedOperationException("cannot read " + file.getDescriptor());
        }
    }

    private void add(RecordConsumer out, Binary value) {
        if (from.kind() == ColumnType.Kind.TIME) {
            out.addBinary(Binary.fromString(timeOfDay(value.toStringUsingUTF8())));
        } else if (from.isVariable()) {
            byte[] bytes = value.getBytesUnsafe();
            add(out, bytes, 0, bytes.length);
        } else {
            add(out, new BigInteger(value.getBytesUnsafe()).longValueExact()); // a decimal by another writer
        }
    }

    /** Lakes of before decision 7 have fractions of six digits. */
    static String timeOfDay(String text) {
        int end = text.length();
        if (text.indexOf('.') >= 0) {
            while (text.charAt(end - 1) == '0') {
                end--;
            }
            end = text.charAt(end - 1) == '.' ? end - 1 : end;
        }
        return text.substring(0, end);
    }

    private void add(RecordConsumer out, byte[] bytes, int at, int length) {
        addBytes(out, conversion.bytes(bytes, at, length));
    }

    private void add(RecordConsumer out, long value) {
        if (to.isVariable()) {
            addBytes(out, conversion.bytes(value));
            return;
        }
        long number = conversion.number(value);
        switch (to.kind()) {
            case INT16, INT32 -> out.addInteger((int) number);
            case INT64, DECIMAL -> out.addLong(number);
            case FLOAT64 -> out.addDouble(Double.longBitsToDouble(number));
            case BOOLEAN, FLOAT32, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                throw new IllegalStateException(from + " is never widened to " + to);
        }
    }

    private void addBytes(RecordConsumer out, byte[] bytes) {
        boolean decimal = to.kind() == ColumnType.Kind.DECIMAL;
        out.addBinary(decimal ? RowWriteSupport.wide(bytes, 0, bytes.length) : Binary.fromConstantByteArray(bytes));
    }
}
