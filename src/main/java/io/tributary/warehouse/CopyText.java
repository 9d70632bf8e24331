package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;

/**
 * Rows in the text format of PostgreSQL's COPY.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, file formats</a>
 */
final class CopyText implements RowText {
    private static final byte[] NULL = {'\\', 'N'};

    private static final long FIRST_DAY = -2_440_588; // 24 November 4714 BC
    private static final long LAST_DAY = 2_145_031_948; // 31 December 5874897
    private static final long FIRST_MICROS = FIRST_DAY * 86_400_000_000L;
    private static final int LONGEST_NUMBER = 20;

    private final TextBuffer buffer = new TextBuffer();
    private int rowStart;

    @Override
    public TextBuffer buffer() {
        return buffer;
    }

    @Override
    public void beginRow() {
        buffer.rows++;
        rowStart = buffer.position;
    }

    @Override
    public void endRow() {
        buffer.ensure(1);
        if (buffer.position > rowStart) {
            buffer.position--; // the tab after the last value
        }
        buffer.put('\n');
    }

    @Override
    public void nothing() {
        buffer.ensure(NULL.length + 1);
        buffer.put(NULL);
        buffer.put('\t');
    }

    @Override
    public void number(long value) {
        buffer.ensure(LONGEST_NUMBER + 1);
        if (value == Long.MIN_VALUE) {
            buffer.put(Long.toString(value));
        } else {
            long rest = Math.abs(value);
            if (value < 0) {
                buffer.put('-');
            }
            int digits = 1;
            for (long power = 10; digits < 19 && rest >= power; power *= 10) {
                digits++;
            }
            int first = buffer.position;
            for (int at = first + digits - 1; at >= first; at--) {
                buffer.bytes[at] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            buffer.position = first + digits;
        }
        buffer.put('\t');
    }

    @Override
    public void word(String text) {
        buffer.ensure(text.length() + 1);
        buffer.put(text);
        buffer.put('\t');
    }

    @Override
    public void text(byte[] utf8, int from, int length) {
        buffer.ensure(3 * length + 1);
        for (int i = from; i < from + length; i++) {
            byte b = utf8[i];
            if (b > '\r' && b != '\\' || b < 0) {
                buffer.bytes[buffer.position++] = b;
                continue;
            }
            switch (b) {
                case '\\' -> escaped('\\');
                case '\t' -> escaped('t');
                case '\n' -> escaped('n');
                case '\r' -> escaped('r');
                case 0 -> {
                    buffer.put(REPLACEMENT);
                    buffer.unholdable++;
                }
                default -> buffer.bytes[buffer.position++] = b;
            }
        }
        buffer.put('\t');
    }

    private void escaped(char letter) {
        buffer.put('\\');
        buffer.put(letter);
    }

    @Override
    public void bytes(byte[] bytes, int from, int length) {
        buffer.ensure(2 * length + 4);
        escaped('\\');
        buffer.put('x');
        for (int i = from; i < from + length; i++) {
            buffer.hex(bytes[i]);
        }
        buffer.put('\t');
    }

    @Override
    public void value(RowReader reader, ColumnType type) {
        boolean isOutside =
                switch (type.kind()) {
                    case DATE -> reader.fixedValue() < FIRST_DAY || reader.fixedValue() > LAST_DAY;
                    case TIMESTAMP, TIMESTAMPTZ -> reader.fixedValue() < FIRST_MICROS;
                    default -> false;
                };
        if (isOutside) {
            buffer.unholdable++;
            nothing();
        } else {
            RowText.super.value(reader, type);
        }
    }
}
