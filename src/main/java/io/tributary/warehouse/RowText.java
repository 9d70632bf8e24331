package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;

/** Rows on their way into a staging table, value by value in the form that a warehouse loads. */
interface RowText {
    int rows();

    /** How many values became nothing, or something close, because the warehouse cannot hold them. */
    long unholdable();

    /** The bytes so far. */
    int size();

    void beginRow();

    void endRow();

    void nothing();

    void number(long value);

    /** @param text of ASCII, without control characters and backslashes */
    void word(String text);

    /** @param micros since 1970, in UTC */
    default void moment(long micros) {
        word(ValueText.of(ColumnType.TIMESTAMPTZ, micros));
    }

    void text(byte[] utf8, int from, int length);

    void bytes(byte[] bytes, int from, int length);

    /** Takes the value at which a reader is. */
    default void value(RowReader reader, ColumnType type) {
        switch (type.kind()) {
            case INT16, INT32, INT64 -> number(reader.fixedValue());
            case TEXT, JSON -> text(reader.bytes(), reader.valueStart(), reader.valueLength());
            case TIMESTAMPTZ -> moment(reader.fixedValue());
            case BYTES -> bytes(reader.bytes(), reader.valueStart(), reader.valueLength());
            default -> word(ValueText.of(type, reader.value()));
        }
    }

    /** Forgets all rows. */
    void clear();
}
