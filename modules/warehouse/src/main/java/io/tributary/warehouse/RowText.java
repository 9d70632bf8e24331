package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;

/** Rows on their way into a staging table, value by value in the form that a warehouse loads. */
interface RowText {
    /** What a text gets in the place of U+0000, which warehouses do not hold. */
    byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    /** What keys have U+0000 as begins with this. */
    String SYMBOL = "\u2400";

    /** Its first byte of UTF-8, which few other characters have. */
    byte SYMBOL_BEGINS = SYMBOL.getBytes(StandardCharsets.UTF_8)[0];

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

    /** A text of which no two become one: U+0000 becomes {@code ␀0}, and U+2400, which that begins with, {@code ␀␀}. */
    default void keyText(byte[] utf8, int from, int length) {
        boolean isPlain = true;
        for (int i = from; i < from + length; i++) {
            isPlain &= utf8[i] != 0 && utf8[i] != SYMBOL_BEGINS;
        }
        if (isPlain) {
            text(utf8, from, length);
            return;
        }
        byte[] escaped = new String(utf8, from, length, StandardCharsets.UTF_8)
                .replace(SYMBOL, SYMBOL + SYMBOL)
                .replace("\0", SYMBOL + "0")
                .getBytes(StandardCharsets.UTF_8);
        text(escaped, 0, escaped.length);
    }

    void bytes(byte[] bytes, int from, int length);

    /** Takes the value at which a reader is. */
    default void value(RowReader reader, ColumnType type) {
        switch (type.kind()) {
            case INT16, INT32, INT64 -> number(reader.fixedValue());
            case TEXT, JSON, ANY -> text(reader.bytes(), reader.valueStart(), reader.valueLength());
            case BYTES -> bytes(reader.bytes(), reader.valueStart(), reader.valueLength());
            case TIMESTAMPTZ -> moment(reader.fixedValue());
            case BOOLEAN, FLOAT32, FLOAT64, DECIMAL, DATE, TIME, TIMESTAMP -> word(ValueText.of(type, reader.value()));
        }
    }

    /**
     * The same for a column of a key.
     *
     * @return whether it is there as it is
     */
    default boolean keyValue(RowReader reader, ColumnType type) {
        long before = unholdable();
        switch (type.kind()) {
            case TEXT, JSON, ANY -> keyText(reader.bytes(), reader.valueStart(), reader.valueLength());
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
                value(reader, type);
        }
        return unholdable() == before;
    }

    /** Forgets all rows. */
    default void clear() {
        buffer().clear();
    }
}
