package io.tributary.change;

import java.util.Arrays;

/**
 * Writes rows, one after the other, into one growing buffer.
 *
 * <p>A row is a byte of flags, a bit a column for null, if the flag says so a bit a column for "not sent" (an unchanged
 * value that the source left out), then the present values in column order: numbers in 1, 4 or 8 little-endian bytes, all
 * else as a variable-length count and the bytes.
 */
public final class RowWriter {
    static final int HAS_UNSENT = 1;

    private byte[] buffer = new byte[1024];
    private int position;
    private int start;
    private int columns;
    private int unsent;

    /** Forgets all rows. */
    public void reset() {
        position = 0;
    }

    /** Starts a row of so many columns; every column is then null until written, in order. */
    public void begin(int columns) {
        this.start = position;
        this.columns = columns;
        this.unsent = 0;
        int header = 1 + 2 * bitmap(columns);
        ensure(header);
        Arrays.fill(buffer, position, position + header, (byte) 0);
        position += header;
    }

    /** Ends the row and returns its length; it starts at {@link #start()}. */
    public int end() {
        if (unsent > 0) {
            buffer[start] |= HAS_UNSENT;
        } else {
            // the second bitmap is rare: take its place back
            int size = bitmap(columns);
            System.arraycopy(buffer, start + 1 + 2 * size, buffer, start + 1 + size, position - (start + 1 + 2 * size));
            position -= size;
        }
        return position - start;
    }

    public int start() {
        return start;
    }

    /** The bytes of all rows so far. */
    public int length() {
        return position;
    }

    /** The buffer of all rows; replaced when it grows. */
    public byte[] buffer() {
        return buffer;
    }

    /** Takes back the last row, whether it has ended or not. */
    public void abandon() {
        position = start;
    }

    public void writeNull(int column) {
        buffer[start + 1 + (column >> 3)] |= (byte) (1 << (column & 7));
    }

    /** Marks a value that the source did not send because it did not change. */
    public void writeUnsent(int column) {
        writeNull(column);
        buffer[start + 1 + bitmap(columns) + (column >> 3)] |= (byte) (1 << (column & 7));
        unsent++;
    }

    public void writeByte(int value) {
        ensure(1);
        buffer[position++] = (byte) value;
    }

    public void writeInt(int value) {
        ensure(4);
        Bytes.putInt(buffer, position, value);
        position += 4;
    }

    public void writeLong(long value) {
        ensure(8);
        Bytes.putLong(buffer, position, value);
        position += 8;
    }

    public void writeBytes(byte[] bytes, int from, int length) {
        ensure(length + 5);
        int rest = length;
        while (rest > 0x7f) {
            buffer[position++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[position++] = (byte) rest;
        System.arraycopy(bytes, from, buffer, position, length);
        position += length;
    }

    /** Copies a present value as {@link RowReader} found it. */
    public void copy(RowReader reader, ColumnType type) {
        if (type.isVariable()) {
            writeBytes(reader.bytes(), reader.valueStart(), reader.valueLength());
        } else {
            int length = reader.valueLength();
            ensure(length);
            System.arraycopy(reader.bytes(), reader.valueStart(), buffer, position, length);
            position += length;
        }
    }

    /** Writes a value of a fixed length as {@link RowReader#fixedValue()} gives it. */
    public void writeNumber(long value, ColumnType type) {
        switch (type.storage()) {
            case BYTE -> writeByte((int) value);
            case INT -> writeInt((int) value);
            case LONG -> writeLong(value);
            case BYTES -> throw new IllegalArgumentException(type + " is of no fixed length");
        }
    }

    /** Writes a value of which only its own bytes are known. */
    public void writeValue(Slice value, ColumnType type) {
        if (type.isVariable()) {
            writeBytes(value.bytes(), value.offset(), value.length());
        } else {
            ensure(value.length());
            System.arraycopy(value.bytes(), value.offset(), buffer, position, value.length());
            position += value.length();
        }
    }

    /** Copies a present value of a row as a key's row holds it. */
    public void copyToKey(RowReader reader, ColumnType type) {
        if (type.inKey().equals(type)) {
            copy(reader, type);
        } else {
            writeLong(reader.intValue());
        }
    }

    /** Copies a present value of a key's row as a row holds it. */
    public void copyFromKey(RowReader reader, ColumnType type) {
        if (type.inKey().equals(type)) {
            copy(reader, type);
        } else {
            writeInt((int) reader.longValue());
        }
    }

    private void ensure(int more) {
        if (position + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, position + more));
        }
    }

    static int bitmap(int columns) {
        return (columns + 7) >> 3;
    }
}
