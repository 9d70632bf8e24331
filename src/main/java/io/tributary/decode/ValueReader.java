package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Reads one JSON value in the form and type of its column and appends it to a row: exactly, or not at all. */
final class ValueReader {
    /** A numeric of PostgreSQL has at most 131,072 digits before the point; a decimal column of ours far fewer. */
    private static final int MAX_DECIMAL_TEXT = 400;
    /** More bytes than any decimal column's unscaled value has. */
    private static final int MAX_DECIMAL_BYTES = 32;
    /** Milliseconds whose microseconds a long holds. */
    private static final long MAX_MILLIS = Long.MAX_VALUE / 1000;
    /** 4713 BC, where PostgreSQL's dates begin: Debezium writes its infinite dates as days before. */
    private static final int MIN_DAYS = -2_440_588;
    /** The end of year 5874897, PostgreSQL's last. */
    private static final int MAX_DAYS = 2_145_042_905;

    private static final long DAY_MICROS = 86_400_000_000L;
    private static final long MIN_MICROS = MIN_DAYS * DAY_MICROS;
    /** Year 294246: Debezium writes an infinite timestamp as microseconds after. */
    private static final long MAX_MICROS = 9_223_339_708_800_000_000L;

    private static final String PLACEHOLDER = "__debezium_unavailable_value";
    private static final byte[] UNSENT_TEXT = PLACEHOLDER.getBytes(StandardCharsets.US_ASCII);
    private static final byte[] UNSENT_BASE64 = Base64.getEncoder().encode(UNSENT_TEXT);
    private static final byte[][] UNSENT_ARRAYS = {
        ("[\"" + PLACEHOLDER + "\"]").getBytes(StandardCharsets.US_ASCII),
        Arrays.toString(UNSENT_TEXT).replace(" ", "").getBytes(StandardCharsets.US_ASCII),
        "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]".getBytes(StandardCharsets.US_ASCII),
    };

    private ValueReader() {}

    static void read(JsonScanner json, LayoutColumn column, int index, boolean mayBeUnsent, RowWriter row) {
        if (json.tryNull()) {
            row.writeNull(index);
            return;
        }
        ColumnType type = column.type();
        switch (column.form()) {
            case TEXT -> text(json, index, mayBeUnsent, row);
            case ANY -> any(json, index, mayBeUnsent, row);
            case INTEGER -> integer(integerToken(json, type), type, row);
            case BOOLEAN -> row.writeByte(booleanToken(json) ? 1 : 0);
            case FLOAT -> floating(json, type, row);
            case DECIMAL_TEXT -> decimal(decimalToken(json, type), type, row);
            case DECIMAL_BASE64 -> decimal(base64Decimal(json, type), type, row);
            case BASE64 -> bytes(json, index, mayBeUnsent, row);
            case MILLIS ->
                row.writeLong(micros(inRange(integerToken(json, type), -MAX_MILLIS, MAX_MILLIS, type) * 1000, type));
            case MICROS -> row.writeLong(micros(integerToken(json, type), type));
            case NANOS -> {
                long nanos = integerToken(json, type);
                if (nanos % 1000 != 0) {
                    throw cannotHold(type, Long.toString(nanos) + " ns");
                }
                row.writeLong(micros(nanos / 1000, type));
            }
            case TIME_TEXT -> {
                stringToken(json, type);
                row.writeLong(TimeText.micros(
                        json.text(), json.textStart(), json.textLength(), type.kind() == ColumnType.Kind.TIMESTAMPTZ));
            }
        }
    }

    private static void text(JsonScanner json, int index, boolean mayBeUnsent, RowWriter row) {
        stringToken(json, ColumnType.TEXT);
        if (mayBeUnsent && textIs(json, UNSENT_TEXT)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(json.text(), json.textStart(), json.textLength());
        }
    }

    private static void any(JsonScanner json, int index, boolean mayBeUnsent, RowWriter row) {
        if (json.peek() == '"') {
            text(json, index, mayBeUnsent, row);
            return;
        }
        int start = json.position();
        json.skip();
        int length = json.position() - start;
        if (mayBeUnsent && json.bytes()[start] == '[') {
            for (byte[] placeholder : UNSENT_ARRAYS) {
                if (Arrays.equals(json.bytes(), start, start + length, placeholder, 0, placeholder.length)) {
                    row.writeUnsent(index);
                    return;
                }
            }
        }
        if (!Utf8.isValid(json.bytes(), start, start + length)) {
            throw new DecodeException(Reason.NOT_JSON, "the value at byte " + start + " is not UTF-8");
        }
        row.writeBytes(json.bytes(), start, length);
    }

    private static void bytes(JsonScanner json, int index, boolean mayBeUnsent, RowWriter row) {
        byte[] value = base64(json);
        if (mayBeUnsent && textIs(json, UNSENT_BASE64)) {
            row.writeUnsent(index);
        } else {
            row.writeBytes(value, 0, value.length);
        }
    }

    private static boolean textIs(JsonScanner json, byte[] wanted) {
        return Arrays.equals(
                json.text(), json.textStart(), json.textStart() + json.textLength(), wanted, 0, wanted.length);
    }

    private static void stringToken(JsonScanner json, ColumnType type) {
        if (json.peek() != '"') {
            throw cannotHold(type, skipped(json));
        }
        json.string();
        json.unescape();
    }

    private static long integerToken(JsonScanner json, ColumnType type) {
        int next = json.peek();
        if (next == '"' || next == '{' || next == '[') {
            throw cannotHold(type, skipped(json));
        }
        json.scalar();
        if (!json.tokenIsLong()) {
            throw cannotHold(type, json.tokenText());
        }
        return json.tokenLong();
    }

    private static void integer(long value, ColumnType type, RowWriter row) {
        switch (type.kind()) {
            case INT16 -> row.writeInt((int) inRange(value, Short.MIN_VALUE, Short.MAX_VALUE, type));
            case INT32 -> row.writeInt((int) inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE, type));
            case DATE -> row.writeInt((int) inRange(value, MIN_DAYS, MAX_DAYS, type));
            case INT64 -> row.writeLong(value);
            default -> throw new IllegalStateException("no integer form for " + type);
        }
    }

    private static long micros(long value, ColumnType type) {
        return type.kind() == ColumnType.Kind.TIME
                ? inRange(value, 0, DAY_MICROS, type)
                : inRange(value, MIN_MICROS, MAX_MICROS, type);
    }

    private static long inRange(long value, long min, long max, ColumnType type) {
        if (value < min || value > max) {
            throw cannotHold(type, Long.toString(value));
        }
        return value;
    }

    private static boolean booleanToken(JsonScanner json) {
        if (json.peek() == 't' || json.peek() == 'f') {
            json.scalar();
            String token = json.tokenText();
            if (token.equals("true") || token.equals("false")) {
                return token.equals("true");
            }
        }
        throw cannotHold(ColumnType.BOOLEAN, skipped(json));
    }

    private static void floating(JsonScanner json, ColumnType type, RowWriter row) {
        String token = numberToken(json, type);
        boolean isDouble = type.kind() == ColumnType.Kind.FLOAT64;
        double value =
                switch (token) {
                    case "NaN", "NAN" -> Double.NaN;
                    case "Infinity", "POSITIVE_INFINITY" -> Double.POSITIVE_INFINITY;
                    case "-Infinity", "NEGATIVE_INFINITY" -> Double.NEGATIVE_INFINITY;
                    default -> finite(token, isDouble, type);
                };
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
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw cannotHold(type, token);
        }
        throw cannotHold(type, token);
    }

    private static String numberToken(JsonScanner json, ColumnType type) {
        if (json.peek() == '"') {
            stringToken(json, type);
            return new String(json.text(), json.textStart(), json.textLength(), StandardCharsets.UTF_8);
        }
        if (json.peek() == '{' || json.peek() == '[') {
            throw cannotHold(type, skipped(json));
        }
        json.scalar();
        return json.tokenText();
    }

    private static BigDecimal decimalToken(JsonScanner json, ColumnType type) {
        String token = numberToken(json, type);
        try {
            if (token.length() > MAX_DECIMAL_TEXT) {
                throw cannotHold(type, token);
            }
            return new BigDecimal(token);
        } catch (NumberFormatException e) {
            throw cannotHold(type, token);
        }
    }

    private static void decimal(BigDecimal value, ColumnType type, RowWriter row) {
        // 1E+400 and 1E-400 are short as text: look at their size before their digits are made
        boolean zero = value.signum() == 0;
        if (!zero
                && ((long) value.precision() - value.scale() > (long) type.precision() - type.scale()
                        || (long) value.scale() - type.scale() >= value.precision())) {
            throw cannotHold(type, value.toString());
        }
        BigInteger unscaled;
        try {
            unscaled = zero ? BigInteger.ZERO : value.setScale(type.scale()).unscaledValue();
        } catch (ArithmeticException e) {
            throw cannotHold(type, value.toString());
        }
        if (type.fitsLong()) {
            row.writeLong(unscaled.longValueExact());
        } else {
            byte[] bytes = unscaled.toByteArray();
            row.writeBytes(bytes, 0, bytes.length);
        }
    }

    private static BigDecimal base64Decimal(JsonScanner json, ColumnType type) {
        byte[] unscaled = base64(json);
        if (unscaled.length == 0 || unscaled.length > MAX_DECIMAL_BYTES) {
            throw cannotHold(
                    type, new String(json.text(), json.textStart(), json.textLength(), StandardCharsets.UTF_8));
        }
        return new BigDecimal(new BigInteger(unscaled), type.scale());
    }

    private static byte[] base64(JsonScanner json) {
        stringToken(json, ColumnType.BYTES);
        byte[] text = Arrays.copyOfRange(json.text(), json.textStart(), json.textStart() + json.textLength());
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw cannotHold(ColumnType.BYTES, new String(text, StandardCharsets.UTF_8));
        }
    }

    private static String skipped(JsonScanner json) {
        int start = json.position();
        json.skip();
        return new String(json.bytes(), start, Math.min(json.position() - start, 1000), StandardCharsets.UTF_8);
    }

    private static DecodeException cannotHold(ColumnType type, String value) {
        return new DecodeException(Reason.VALUE, "cannot hold as " + type + ", got " + DecodeException.shown(value));
    }
}
