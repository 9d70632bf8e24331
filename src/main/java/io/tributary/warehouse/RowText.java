package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;

/** Rows on their way into a staging table, value by value in the form that a warehouse loads. */
interface RowText {
    /** What a text gets in the place of U+0000, which warehouses do not hold. */
    byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    /** The rows so far. */
    TextBuffer buffer();

    default int rows() {
        return buffer().rows;
    }

    /** How many values became nothing, or something close, because the warehouse cannot hold them. */
    default long unholdable() {
        return buffer().unholdable;
    }

    /** The bytes so far. */
    default int size() {
        return buffer().position;
    }

    void beginRow();

    void endRow();

    void nothing();

    void number(long value);

    /** @param text of ASCII, without control characters, quotes and backslashes */
    void word(String text);

    /** @param micros since 1970, in UTC */
    void moment(long micros);

    /** A change's place: partition, offset and the source's sequence. */
    void position(int partition, long offset, long sequence);

    void text(byte[] utf8, int from, int length);

    void bytes(byte[] bytes, int from, int length);

    /** Takes the value at which a reader is. */
    default void value(RowReader reader, ColumnType type) {
        switch (type.kind()) {
            case INT16, INT32, INT64 -> number(reader.fixedValue());
            case TEXT, JSON, ANY -> text(reader.bytes(), reader.valueStart(), reader.valueLength());
            case BYTES -> bytes(reader.bytes(), reader.valueStart(), reader.valueLength());
            case TIMESTAMPTZ -> moment(reader.fixedValue());
            default -> word(ValueText.of(type, reader.value()));
        }
    }

    /** Forgets all rows. */
    default void clear() {
        buffer().clear();
    }
}
