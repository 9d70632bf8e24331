package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Rows in the text format of PostgreSQL's COPY.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html">COPY, file formats</a>
 */
final class CopyText implements RowText {
    private static final byte[] NULL = {'\\', 'N'};
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /** PostgreSQL's text holds every character but U+0000: its place takes U+FFFD. */
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    private static final long FIRST_DAY = -2_440_588; // 24 November 4714 BC
    private static final long LAST_DAY = 2_145_031_948; // 31 December 5874897
    private static final long FIRST_MICROS = FIRST_DAY * 86_400_000_000L;
    private static final int LONGEST_NUMBER = 20;

    private static final int SMALL = 4 << 10;
    private static final int LARGE = 256 << 10;

    private byte[] buffer = new byte[SMALL];
    private int position;
    private int rowStart;
    private int rows;
    private long unholdable;

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public long unholdable() {
        return unholdable;
    }

    @Override
    public int size() {
        return position;
    }

    byte[] buffer() {
        return buffer;
    }

    @Override
    public void beginRow() {
        rows++;
        rowStart = position;
    }

    @Override
    public void endRow() {
        ensure(1);
        if (position > rowStart) {
            position--; // the tab after the last value
        }
        buffer[position++] = '\n';
    }

    @Override
    public void clear() {
        rows = 0;
        unholdable = 0;
        position = 0;
        buffer = buffer.length > LARGE ? new byte[SMALL] : buffer; // a thousand tables have one each
    }

    private void ensure(int more) {
        if (position + more > buffer.length) {
            buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, position + more));
        }
    }

    private void raw(byte[] bytes) {
        System.arraycopy(bytes, 0, buffer, position, bytes.length);
        position += bytes.length;
    }

    @Override
    public void nothing() {
        ensure(NULL.length + 1);
        raw(NULL);
        buffer[position++] = '\t';
    }

    @Override
    public void number(long value) {
        ensure(LONGEST_NUMBER + 1);
        if (value == Long.MIN_VALUE) {
            raw(Long.toString(value).getBytes(StandardCharsets.US_ASCII));
        } else {
            long rest = Math.abs(value);
            if (value < 0) {
                buffer[position++] = '-';
            }
            int digits = 1;
            for (long power = 10; digits < 19 && rest >= power; power *= 10) {
                digits++;
            }
            for (int at = position + digits - 1; at >= position; at--) {
                buffer[at] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
            position += digits;
        }
        buffer[position++] = '\t';
    }

    @Override
    @SuppressWarnings("deprecation") // the bytes of ASCII are its characters
    public void word(String text) {
        ensure(text.length() + 1);
        text.getBytes(0, text.length(), buffer, position);
        position += text.length();
        buffer[position++] = '\t';
    }

    @Override
    public void text(byte[] utf8, int from, int length) {
        ensure(3 * length + 1);
        int at = position;
        for (int i = from; i < from + length; i++) {
            byte b = utf8[i];
            if (b > '\r' && b != '\\' || b < 0) {
                buffer[at++] = b;
                continue;
            }
            switch (b) {
                case '\\' -> at = escaped(at, '\\');
                case '\t' -> at = escaped(at, 't');
                case '\n' -> at = escaped(at, 'n');
                case '\r' -> at = escaped(at, 'r');
                case 0 -> {
                    System.arraycopy(REPLACEMENT, 0, buffer, at, REPLACEMENT.length);
                    at += REPLACEMENT.length;
                    unholdable++;
                }
                default -> buffer[at++] = b;
            }
        }
        buffer[at++] = '\t';
        position = at;
    }

    private int escaped(int at, char letter) {
        buffer[at] = '\\';
        buffer[at + 1] = (byte) letter;
        return at + 2;
    }

    @Override
    public void bytes(byte[] bytes, int from, int length) {
        ensure(2 * length + 4);
        position = escaped(position, '\\');
        buffer[position++] = 'x';
        for (int i = from; i < from + length; i++) {
            buffer[position++] = HEX[(bytes[i] >> 4) & 15];
            buffer[position++] = HEX[bytes[i] & 15];
        }
        buffer[position++] = '\t';
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
            unholdable++;
            nothing();
        } else {
            RowText.super.value(reader, type);
        }
    }
}
