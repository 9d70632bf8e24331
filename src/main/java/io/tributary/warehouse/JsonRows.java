package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Rows as one JSON array of arrays of strings, as Snowflake takes many in one bind: it would read large numbers as floats. */
final class JsonRows implements RowText {
    private static final byte[] NULL = "null,".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private static final long FIRST_DAY = -719_162; // 1 January 1
    private static final long LAST_DAY = 2_932_896; // 31 December 9999
    private static final long DAY_MICROS = 86_400_000_000L;

    private static final int SMALL = 4 << 10;
    private static final int LARGE = 256 << 10;
    private static final int LONGEST_ESCAPE = 6;

    private byte[] buffer = new byte[SMALL];
    private int position;
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

    /** All rows. */
    String json() {
        return "[" + new String(buffer, 0, Math.max(0, position - 1), StandardCharsets.UTF_8) + "]";
    }

    @Override
    public void beginRow() {
        rows++;
        ensure(1);
        buffer[position++] = '[';
    }

    @Override
    public void endRow() {
        ensure(2);
        if (buffer[position - 1] == ',') {
            position--;
        }
        buffer[position++] = ']';
        buffer[position++] = ',';
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

    @Override
    public void nothing() {
        ensure(NULL.length);
        System.arraycopy(NULL, 0, buffer, position, NULL.length);
        position += NULL.length;
    }

    @Override
    public void number(long value) {
        word(Long.toString(value));
    }

    @Override
    @SuppressWarnings("deprecation") // the bytes of ASCII are its characters
    public void word(String text) {
        ensure(text.length() + 3);
        buffer[position++] = '"';
        text.getBytes(0, text.length(), buffer, position);
        position += text.length();
        end();
    }

    private void end() {
        buffer[position++] = '"';
        buffer[position++] = ',';
    }

    @Override
    public void moment(long micros) {
        word(ValueText.of(ColumnType.TIMESTAMPTZ, micros) + ":00");
    }

    @Override
    public void text(byte[] utf8, int from, int length) {
        ensure(LONGEST_ESCAPE * length + 3);
        buffer[position++] = '"';
        for (int i = from; i < from + length; i++) {
            byte b = utf8[i];
            if (b == '"' || b == '\\') {
                buffer[position++] = '\\';
                buffer[position++] = b;
            } else if (b == 0) {
                System.arraycopy(REPLACEMENT, 0, buffer, position, REPLACEMENT.length);
                position += REPLACEMENT.length;
                unholdable++;
            } else if (b > 0 && b < ' ') {
                for (byte letter : new byte[] {'\\', 'u', '0', '0', HEX[b >> 4], HEX[b & 15]}) {
                    buffer[position++] = letter;
                }
            } else {
                buffer[position++] = b;
            }
        }
        end();
    }

    @Override
    public void bytes(byte[] bytes, int from, int length) {
        ensure(2 * length + 3);
        buffer[position++] = '"';
        for (int i = from; i < from + length; i++) {
            buffer[position++] = HEX[(bytes[i] >> 4) & 15];
            buffer[position++] = HEX[bytes[i] & 15];
        }
        end();
    }

    @Override
    public void value(RowReader reader, ColumnType type) {
        switch (type.kind()) {
            case DATE -> dated(reader, type, reader.fixedValue());
            case TIMESTAMP -> dated(reader, type, Math.floorDiv(reader.fixedValue(), DAY_MICROS));
            case TIMESTAMPTZ -> dated(reader, type, Math.floorDiv(reader.fixedValue(), DAY_MICROS));
            case TIME -> {
                if (reader.fixedValue() >= DAY_MICROS) {
                    unholdable++;
                    nothing();
                } else {
                    RowText.super.value(reader, type);
                }
            }
            case FLOAT32, FLOAT64 -> word(ValueText.of(type, reader.value()).replace("Infinity", "inf"));
            default -> RowText.super.value(reader, type);
        }
    }

    private void dated(RowReader reader, ColumnType type, long day) {
        if (day < FIRST_DAY || day > LAST_DAY) {
            unholdable++;
            nothing();
        } else {
            RowText.super.value(reader, type);
        }
    }
}
