package io.tributary.aggregate;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Values as text that is the same for equal values, also after their column's type was changed: a letter for what it is, then
 * the value. Numbers have no zeros at the end of their fraction.
 */
final class Value {
    private static final char NUMBER = 'n';
    /** NaN and the infinities. */
    private static final char NO_NUMBER = 'f';

    private static final char TEXT = 't';
    private static final char BOOLEAN = 'b';
    private static final char BYTES = 'x';
    private static final char DATE = 'd';
    private static final char TIME = 'm';
    private static final char TIMESTAMP = 's';
    private static final char TIMESTAMPTZ = 'z';
    /** Of a number that is one and no attack on the heap. */
    private static final int MOST_DIGITS = 400;

    private Value() {}

    static String of(ColumnType type, RowReader reader) {
        return switch (type.kind()) {
            case BOOLEAN -> BOOLEAN + String.valueOf(reader.booleanValue());
            case INT16, INT32 -> NUMBER + plain(BigDecimal.valueOf(reader.intValue()));
            case INT64 -> NUMBER + plain(BigDecimal.valueOf(reader.longValue()));
            case FLOAT32 -> real(reader.floatValue(), Float.toString(reader.floatValue()));
            case FLOAT64 -> real(reader.doubleValue(), Double.toString(reader.doubleValue()));
            case DECIMAL -> NUMBER + plain(reader.decimalValue());
            case TEXT -> TEXT + reader.textValue();
            case JSON, ANY -> json(reader.textValue());
            case BYTES -> BYTES + HexFormat.of().formatHex((byte[]) reader.value());
            case DATE -> DATE + String.valueOf(reader.intValue());
            case TIME -> TIME + String.valueOf(reader.longValue());
            case TIMESTAMP -> TIMESTAMP + String.valueOf(reader.longValue());
            case TIMESTAMPTZ -> TIMESTAMPTZ + String.valueOf(reader.longValue());
        };
    }

    /** @param micros since 1970 */
    static String ofTime(long micros) {
        return TIMESTAMPTZ + String.valueOf(micros);
    }

    /** JSON tells a number from a text. */
    private static String json(String json) {
        if (json.length() > 1 && json.startsWith("\"") && json.endsWith("\"")) {
            return TEXT + json.substring(1, json.length() - 1);
        }
        BigDecimal number = number(TEXT + json);
        return number == null ? TEXT + json : NUMBER + plain(number);
    }

    private static String real(double value, String text) {
        return Double.isFinite(value) ? NUMBER + plain(new BigDecimal(text)) : NO_NUMBER + text;
    }

    private static String plain(BigDecimal number) {
        return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
    }

    /** The number, also where it came as text; null where there is none. */
    static @Nullable BigDecimal number(String value) {
        char kind = value.charAt(0);
        if (kind != NUMBER && kind != TEXT || value.length() > MOST_DIGITS) {
            return null;
        }
        try {
            BigDecimal number = new BigDecimal(value.substring(1).strip());
            return Math.abs(number.scale()) > MOST_DIGITS ? null : number;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** NaN or an infinity, or null. */
    static @Nullable Double noNumber(String value) {
        return value.charAt(0) == NO_NUMBER ? Double.valueOf(value.substring(1)) : null;
    }

    /** The lesser first: numbers before NaN, as PostgreSQL has it; text by code units. */
    static int compare(String one, String other) {
        Double oneReal = noNumber(one);
        Double otherReal = noNumber(other);
        if (oneReal != null || otherReal != null) {
            return Double.compare(
                    oneReal == null ? 0 : oneReal, otherReal == null ? 0 : otherReal); // all others are finite
        }
        if (one.charAt(0) != other.charAt(0)) {
            return Character.compare(one.charAt(0), other.charAt(0)); // the column's type was changed
        }
        return switch (one.charAt(0)) {
            case NUMBER -> new BigDecimal(one.substring(1)).compareTo(new BigDecimal(other.substring(1)));
            case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> Long.compare(units(one), units(other));
            default -> one.compareTo(other);
        };
    }

    /** Of a date or time, its number. */
    static long units(String value) {
        return Long.parseLong(value.substring(1));
    }

    /** Writes a value in a type that holds it; null where it holds it not. */
    static void write(@Nullable String value, ColumnType type, RowWriter row, int column) {
        if (value == null) {
            row.writeNull(column);
            return;
        }
        switch (type.kind()) {
            case TEXT, JSON, ANY -> text(text(value), row);
            case BYTES -> {
                byte[] bytes = HexFormat.of().parseHex(value, 1, value.length());
                row.writeBytes(bytes, 0, bytes.length);
            }
            case BOOLEAN -> row.writeByte(value.endsWith("true") ? 1 : 0);
            case DATE -> row.writeInt((int) units(value));
            case TIME, TIMESTAMP, TIMESTAMPTZ -> row.writeLong(units(value));
            case INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL -> {
                Double real = noNumber(value);
                BigDecimal number = real == null ? number(value) : null;
                number(real, number, type, row, column);
            }
        }
    }

    /** Writes a number in a type of numbers; null where that does not hold it. */
    static void number(@Nullable Double real, @Nullable BigDecimal number, ColumnType type, RowWriter row, int column) {
        boolean isReal = type.kind() == ColumnType.Kind.FLOAT32 || type.kind() == ColumnType.Kind.FLOAT64;
        if (number == null && (real == null || !isReal)) {
            row.writeNull(column);
            return;
        }
        switch (type.kind()) {
            case INT16, INT32 -> row.writeInt(whole(number).intValue());
            case INT64 -> row.writeLong(whole(number).longValue());
            case FLOAT32 ->
                row.writeInt(Float.floatToIntBits(real == null ? whole(number).floatValue() : real.floatValue()));
            case FLOAT64 ->
                row.writeLong(
                        Double.doubleToLongBits(real == null ? whole(number).doubleValue() : real));
            case BOOLEAN, DECIMAL, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY ->
                decimal(whole(number).setScale(type.scale(), RoundingMode.HALF_UP), type, row, column);
        }
    }

    private static BigDecimal whole(@Nullable BigDecimal number) {
        return number == null ? BigDecimal.ZERO : number;
    }

    private static void decimal(BigDecimal number, ColumnType type, RowWriter row, int column) {
        if (number.precision() > type.precision()) {
            row.writeNull(column);
        } else if (type.fitsLong()) {
            row.writeLong(number.unscaledValue().longValueExact());
        } else {
            byte[] unscaled = number.unscaledValue().toByteArray();
            row.writeBytes(unscaled, 0, unscaled.length);
        }
    }

    private static void text(String text, RowWriter row) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(utf8, 0, utf8.length);
    }

    private static String text(String value) {
        String rest = value.substring(1);
        return switch (value.charAt(0)) {
            case BYTES -> "\\x" + rest;
            case DATE -> ValueText.of(ColumnType.DATE, Integer.valueOf(rest));
            case TIME -> ValueText.of(ColumnType.TIME, Long.valueOf(rest));
            case TIMESTAMP -> ValueText.of(ColumnType.TIMESTAMP, Long.valueOf(rest));
            case TIMESTAMPTZ -> ValueText.of(ColumnType.TIMESTAMPTZ, Long.valueOf(rest));
            default -> rest;
        };
    }
}
