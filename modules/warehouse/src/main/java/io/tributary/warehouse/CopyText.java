package io.tributary.warehouse;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.ValueText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

    /** PostgreSQL itself ends where its stack does, beyond that. */
    private static final int DEEPEST = 5_000;

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEEPEST)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

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
        buffer.ensure(TextBuffer.LONGEST_NUMBER + 1);
        buffer.digits(value);
        buffer.put('\t');
    }

    @Override
    public void position(int partition, long offset, long sequence) {
        buffer.ensure(TextBuffer.LONGEST_POSITION + 1);
        buffer.position(partition, offset, sequence);
        buffer.put('\t');
    }

    @Override
    public void moment(long micros) {
        buffer.ensure(ValueText.LONGEST_MOMENT + 1);
        buffer.moment(micros);
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
        if (type.kind() == ColumnType.Kind.JSON && !isJson(reader.bytes(), reader.valueStart(), reader.valueLength())) {
            string(reader.textValue());
            return;
        }
        boolean isOutside =
                switch (type.kind()) {
                    case DATE -> reader.fixedValue() < FIRST_DAY || reader.fixedValue() > LAST_DAY;
                    case TIMESTAMP, TIMESTAMPTZ -> reader.fixedValue() < FIRST_MICROS;
                    case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, TIME, ANY -> false;
                };
        if (isOutside) {
            buffer.unholdable++;
            nothing();
        } else {
            RowText.super.value(reader, type);
        }
    }

    /** Whether PostgreSQL takes it for JSON: it refuses the whole chunk otherwise. */
    private static boolean isJson(byte[] utf8, int from, int length) {
        int values = 0;
        int depth = 0;
        try (JsonParser parser = JSON.createParser(utf8, from, length)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                values += depth == 0 ? 1 : 0;
                depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
            }
        } catch (IOException e) {
            return false;
        }
        return values == 1;
    }

    /** What is no JSON becomes a string of JSON, as in Snowflake. */
    private void string(String text) {
        byte[] quoted = ('"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"')
                .getBytes(StandardCharsets.UTF_8);
        text(quoted, 0, quoted.length);
    }
}
