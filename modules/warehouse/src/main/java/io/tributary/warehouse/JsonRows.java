package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;

/** Rows as one JSON array of arrays of strings, as Snowflake takes many in one bind: it would read large numbers as floats. */
final class JsonRows implements RowText {
    private static final byte[] NULL = "null,".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ZONE_MINUTES = ":00".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTROL = "\\u00".getBytes(StandardCharsets.US_ASCII);

    private static final long FIRST_DAY = -719_162; // 1 January 1
    private static final long LAST_DAY = 2_932_896; // 31 December 9999
    private static final long DAY_MICROS = 86_400_000_000L;

    private static final int LONGEST_ESCAPE = 6;

    private final TextBuffer buffer = new TextBuffer();

    @Override
    public TextBuffer buffer() {
        return buffer;
    }

    /** All rows. */
    String json() {
        return "[" + new String(buffer.bytes, 0, Math.max(0, size() - 1), StandardCharsets.UTF_8) + "]";
    }

    @Override
    public void beginRow() {
        buffer.rows++;
        buffer.ensure(1);
        buffer.put('[');
    }

    @Override
    public void endRow() {
        buffer.ensure(2);
        if (buffer.bytes[buffer.position - 1] == ',') {
            buffer.position--;
        }
        buffer.put(']');
        buffer.put(',');
    }

    @Override
    public void nothing() {
        buffer.ensure(NULL.length);
        buffer.put(NULL);
    }

    @Override
    public void number(long value) {
        buffer.ensure(TextBuffer.LONGEST_NUMBER + 3);
        buffer.put('"');
        buffer.digits(value);
        end();
    }

    @Override
    public void position(int partition, long offset, long sequence) {
        buffer.ensure(TextBuffer.LONGEST_POSITION + 3);
        buffer.put('"');
        buffer.position(partition, offset, sequence);
        end();
    }

    @Override
    public void word(String text) {
        buffer.ensure(text.length() + 3);
        buffer.put('"');
        buffer.put(text);
        end();
    }

    private void end() {
        buffer.put('"');
        buffer.put(',');
    }

    @Override
    public void moment(long micros) {
        buffer.ensure(ValueText.LONGEST_MOMENT + 6);
        buffer.put('"');
        buffer.moment(micros);
        buffer.put(ZONE_MINUTES);
        end();
    }

    @Override
    public void text(byte[] utf8, int from, int length) {
        buffer.ensure(LONGEST_ESCAPE * length + 3);
        buffer.put('"');
        for (int i = from; i < from + length; i++) {
            byte b = utf8[i];
            if (b == '"' || b == '\\') {
                buffer.put('\\');
                buffer.bytes[buffer.position++] = b;
            } else if (b == 0) {
                buffer.put(REPLACEMENT);
                buffer.unholdable++;
            } else if (b > 0 && b < ' ') {
                buffer.put(CONTROL);
                buffer.hex(b);
            } else {
                buffer.bytes[buffer.position++] = b;
            }
        }
        end();
    }

    @Override
    public void bytes(byte[] bytes, int from, int length) {
        buffer.ensure(2 * length + 3);
        buffer.put('"');
        for (int i = from; i < from + length; i++) {
            buffer.hex(bytes[i]);
        }
        end();
    }

    @Override
    public void value(RowReader reader, ColumnType type) {
        boolean isOutside =
                switch (type.kind()) {
                    case DATE -> isOutside(reader.fixedValue());
                    case TIMESTAMP, TIMESTAMPTZ -> isOutside(Math.floorDiv(reader.fixedValue(), DAY_MICROS));
                    case TIME -> reader.fixedValue() >= DAY_MICROS;
                    case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, ANY -> false;
                };
        if (isOutside) {
            buffer.unholdable++;
            nothing();
        } else if (type.kind() == ColumnType.Kind.FLOAT32 || type.kind() == ColumnType.Kind.FLOAT64) {
            word(ValueText.of(type, reader.value()).replace("Infinity", "inf"));
        } else {
            RowText.super.value(reader, type);
        }
    }

    private static boolean isOutside(long day) {
        return day < FIRST_DAY || day > LAST_DAY;
    }
}
