package io.tributary.decode;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Secret;
import io.tributary.change.ValueText;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Reads one JSON value in the form and type of its column and appends it to a row: exactly, or not at all. */
final class ValueReader {
    /** bit(n) ends here; Debezium gives a larger number where the length varies. */
    private static final int MAX_BITS = 83_886_080;

    /** What one text's worth of a garbled array looks like: Java's name of an array in place of its elements. */
    private static final byte[] GARBLED = "\"[Ljava.lang.String;@".getBytes(StandardCharsets.US_ASCII);

    private final Hidden hidden;
    private final DecimalReader decimals = new DecimalReader();

    ValueReader() {
        this(new Hidden(Secret.NONE));
    }

    ValueReader(Hidden hidden) {
        this.hidden = hidden;
    }

    /** @param ofTopic how decimals arrive that are read from here on */
    void decimals(Decimals ofTopic) {
        decimals.decimals(ofTopic);
    }

    /**
     * Reads the value at the scanner's place.
     *
     * @param unsent what stands for an unchanged value; null where none can
     * @throws OutOfRangeException if the column's type cannot hold the value
     */
    void read(JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.tryNull()) {
            row.writeNull(index);
            return;
        }
        ColumnType type = column.type();
        switch (column.form()) {
            case TEXT -> text(json, index, unsent, row);
            case ANY -> any(json, index, unsent, row);
            case INTEGER -> integer(Tokens.integerToken(json, column.bounds()), column, row);
            case BOOLEAN -> row.writeByte(booleanToken(json) ? 1 : 0);
            case FLOAT -> floating(json, type, row);
            case DECIMAL_TEXT, DECIMAL_BASE64, DECIMAL_STRUCT, DECIMAL_EITHER -> decimals.read(json, column, row);
            case BASE64, HEX -> bytes(json, column.form(), index, unsent, row);
            case BASE64_TEXT -> base64Text(json, index, unsent, row);
            case BITS -> Tokens.writeText(bits(Tokens.base64(json), column.size()), row);
            case DAYS -> row.writeInt(TimeReader.days(json, type));
            case MILLIS ->
                row.writeLong(TimeReader.micros(TimeReader.fromMillis(Tokens.integerToken(json, type), type), type));
            case MICROS ->
                row.writeLong(
                        json.peek() == '"'
                                ? TimeReader.isoText(json, type)
                                : TimeReader.micros(Tokens.integerToken(json, type), type));
            case NANOS -> row.writeLong(TimeReader.nanos(Tokens.integerToken(json, type), type));
            case TIME_TEXT -> row.writeLong(TimeReader.isoText(json, type));
            case CLOCK_TEXT -> row.writeLong(TimeReader.clock(json, type));
            case ARRAY -> array(json, column, index, unsent, row);
            case AS_TEXT, HASHED, MASKED -> asText(json, column, index, unsent, row);
        }
    }

    // ---- text and JSON

    private static void text(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        Tokens.stringToken(json, ColumnType.TEXT);
        if (unsent != null && unsent.isText(json.text(), json.textStart(), json.textLength())) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(json.text(), json.textStart(), json.textLength());
        }
    }

    private static void any(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.peek() == '"') {
            text(json, index, unsent, row);
            return;
        }
        int start = nested(json);
        int length = json.position() - start;
        if (unsent != null && unsent.isNested(json.bytes(), start, length)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(json.bytes(), start, length);
        }
    }

    /** Passes over a value and returns where it starts; its text is checked. */
    private static int nested(JsonScanner json) {
        json.peek();
        int start = json.position();
        json.skip();
        if (!Utf8.isValid(json.bytes(), start, json.position())) {
            throw new DecodeException(Reason.NOT_JSON, "the value at byte " + start + " is not UTF-8");
        }
        return start;
    }

    /** The same value as text: what its own type holds in PostgreSQL's form, and what it does not hold as well. */
    private void asText(
            JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        LayoutColumn own = column.element();
        int at = json.position();
        String text;
        try {
            RowReader value = one(json, own, unsent);
            if (!value.next()) {
                row.writeUnsent(index);
                return;
            }
            text = ValueText.of(own.type(), value.value());
        } catch (OutOfRangeException e) {
            text = e.text();
            json.position(at);
            json.skip();
        }
        Tokens.writeText(
                switch (column.form()) {
                    case HASHED -> hidden.hash(text);
                    case MASKED -> Hidden.mask(text);
                    default -> text;
                },
                row);
    }

    // ---- arrays

    private void array(JsonScanner json, LayoutColumn column, int index, @Nullable Placeholders unsent, RowWriter row) {
        if (json.peek() == '"') {
            text(json, index, unsent, row); // a JSON array as text
            return;
        }
        int start = nested(json);
        int end = json.position();
        if (json.bytes()[start] != '[') {
            throw Tokens.notA(ColumnType.JSON, Tokens.skippedText(json, start, end));
        }
        if (unsent != null && unsent.isNested(json.bytes(), start, end - start)) {
            row.writeUnsent(index);
            return;
        }
        LayoutColumn element = column.element();
        switch (element.form()) {
            case TEXT, ANY, BOOLEAN, FLOAT, INTEGER -> {
                if (contains(json.bytes(), start, end, GARBLED)) {
                    throw new OutOfRangeException(
                            "Debezium garbled the array, got "
                                    + DecodeException.shown(Tokens.skippedText(json, start, end)),
                            Tokens.skippedText(json, start, end));
                }
                row.writeBytes(json.bytes(), start, end - start);
            }
            default -> {
                StringBuilder out = new StringBuilder();
                json.position(start);
                elements(json, element, out);
                Tokens.writeText(out.toString(), row);
            }
        }
    }

    private void elements(JsonScanner json, LayoutColumn element, StringBuilder out) {
        json.expect('[');
        out.append('[');
        boolean first = true;
        while (json.nextElement(first)) {
            out.append(first ? "" : ",");
            first = false;
            if (json.tryNull()) {
                out.append("null");
            } else if (element.form() == Form.ARRAY && json.peek() == '[') {
                elements(json, element.element(), out);
            } else if (json.peek() == '[') {
                out.append(Tokens.skipped(json)); // PostgreSQL's arrays have any number of dimensions
            } else {
                element(json, element, out);
            }
        }
        out.append(']');
    }

    private void element(JsonScanner json, LayoutColumn element, StringBuilder out) {
        int at = json.position();
        String text;
        try {
            RowReader value = one(json, element, null);
            value.next();
            boolean isBare =
                    switch (element.type().kind()) {
                        case BOOLEAN, INT16, INT32, INT64 -> true;
                        case FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                            false;
                    };
            if (isBare) {
                out.append(value.value());
                return;
            }
            text = ValueText.of(element.type(), value.value());
        } catch (OutOfRangeException e) {
            text = e.text();
            json.position(at);
            json.skip();
        }
        out.append('"')
                .append(JsonStringEncoder.getInstance().quoteAsString(text))
                .append('"');
    }

    /** The value as a row of its own. */
    private RowReader one(JsonScanner json, LayoutColumn column, @Nullable Placeholders unsent) {
        RowWriter row = new RowWriter();
        row.begin(1);
        read(json, column, 0, unsent, row);
        row.end();
        RowReader reader = new RowReader();
        reader.open(new ColumnType[] {column.type()}, row.buffer(), row.start());
        return reader;
    }

    private static boolean contains(byte[] bytes, int from, int to, byte[] wanted) {
        for (int i = from; i + wanted.length <= to; i++) {
            if (bytes[i] == wanted[0] && Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return true;
            }
        }
        return false;
    }

    // ---- bytes and bits

    private static void bytes(JsonScanner json, Form form, int index, @Nullable Placeholders unsent, RowWriter row) {
        byte[] value = form == Form.HEX ? hex(json) : Tokens.base64(json);
        if (unsent != null && unsent.isBytes(value)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(value, 0, value.length);
        }
    }

    private static void base64Text(JsonScanner json, int index, @Nullable Placeholders unsent, RowWriter row) {
        Tokens.stringToken(json, ColumnType.TEXT);
        if (unsent != null && unsent.isText(json.text(), json.textStart(), json.textLength())) {
            row.writeUnsent(index);
            return;
        }
        byte[] text = Arrays.copyOfRange(json.text(), json.textStart(), json.textStart() + json.textLength());
        try {
            byte[] value = Base64.getDecoder().decode(text);
            if (isPrintable(value)) {
                row.writeBytes(value, 0, value.length);
                return;
            }
        } catch (IllegalArgumentException e) {
            // the connector wrote the text as it is
        }
        row.writeBytes(text, 0, text.length);
    }

    private static boolean isPrintable(byte[] value) {
        for (byte b : value) {
            if (b >= 0 && b < ' ') {
                return false;
            }
        }
        return Utf8.isValid(value, 0, value.length);
    }

    private static byte[] hex(JsonScanner json) {
        Tokens.stringToken(json, ColumnType.BYTES);
        String text = Tokens.content(json);
        try {
            return HexFormat.of().parseHex(text.startsWith("\\x") ? text.substring(2) : text);
        } catch (IllegalArgumentException e) {
            throw Tokens.notA(ColumnType.BYTES, text);
        }
    }

    /** Bits as PostgreSQL writes them, the highest first. Where the length varies, leading zeros are lost at the source. */
    private static String bits(byte[] littleEndian, int length) {
        int count = length;
        if (length < 1 || length > MAX_BITS) {
            BigInteger value = BigInteger.ZERO;
            for (int i = littleEndian.length - 1; i >= 0; i--) {
                if (littleEndian[i] != 0) {
                    value = BigInteger.valueOf(littleEndian[i] & 0xff);
                    count = i * 8 + value.bitLength();
                    break;
                }
            }
            count = value.signum() == 0 ? 0 : count;
        }
        byte[] text = new byte[count];
        for (int i = 0; i < count; i++) {
            int bit = count - 1 - i;
            boolean set = bit >> 3 < littleEndian.length && (littleEndian[bit >> 3] >> (bit & 7) & 1) != 0;
            text[i] = (byte) (set ? '1' : '0');
        }
        return new String(text, StandardCharsets.US_ASCII);
    }

    // ---- numbers

    private static void integer(long token, LayoutColumn column, RowWriter row) {
        ColumnType bounds = column.bounds();
        long value =
                switch (bounds.kind()) {
                    case INT16 -> Tokens.inRange(token, Short.MIN_VALUE, Short.MAX_VALUE, bounds);
                    case INT32 -> Tokens.inRange(token, Integer.MIN_VALUE, Integer.MAX_VALUE, bounds);
                    case INT64 -> token;
                    case BOOLEAN,
                            FLOAT32,
                            FLOAT64,
                            DECIMAL,
                            TEXT,
                            JSON,
                            BYTES,
                            DATE,
                            TIME,
                            TIMESTAMP,
                            TIMESTAMPTZ,
                            ANY -> throw new IllegalStateException("no integer form for " + bounds);
                };
        row.writeNumber(value, column.type());
    }

    private static boolean booleanToken(JsonScanner json) {
        if (json.peek() == 't' || json.peek() == 'f') {
            json.scalar();
            String token = json.tokenText();
            if (token.equals("true") || token.equals("false")) {
                return token.equals("true");
            }
            throw Tokens.notA(ColumnType.BOOLEAN, token);
        }
        throw Tokens.notA(ColumnType.BOOLEAN, Tokens.skipped(json));
    }

    private static void floating(JsonScanner json, ColumnType type, RowWriter row) {
        String token = Tokens.numberToken(json, type);
        boolean isDouble = type.kind() == ColumnType.Kind.FLOAT64;
        String special = Tokens.special(token);
        double value = special.isEmpty() ? finite(token, isDouble, type) : Double.parseDouble(special);
        if (isDouble) {
            row.writeLong(Double.doubleToLongBits(value));
        } else {
            row.writeInt(Float.floatToIntBits((float) value));
        }
    }

    private static double finite(String token, boolean isDouble, ColumnType type) {
        try {
            // a float from its text: through a double it would be rounded twice
            double value = isDouble ? Double.parseDouble(token) : Float.parseFloat(token);
            if (Double.isFinite(value) && Tokens.isNumber(token)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw Tokens.notA(type, token);
        }
        throw Tokens.notA(type, token);
    }
}
