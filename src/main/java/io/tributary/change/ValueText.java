package io.tributary.change;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * Values as text, in PostgreSQL's output form: {@code 2024-02-29 13:14:15.5+00}, {@code 0044-03-15 BC}, {@code \x00ff}.
 * Floats are Java's, booleans {@code true} and {@code false}.
 */
public final class ValueText {
    private static final long MICROS = 1_000_000;
    private static final long DAY_MICROS = 86_400 * MICROS;

    private ValueText() {}

    /** @param value as {@link RowReader#value()} gives it */
    public static String of(ColumnType type, @Nullable Object value) {
        if (value == null) {
            return "null";
        }
        return switch (type.kind()) {
            case DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> ofFixed(type, ((Number) value).longValue());
            case BYTES -> "\\x" + HexFormat.of().formatHex((byte[]) value);
            case DECIMAL -> ((BigDecimal) value).toPlainString();
            default -> String.valueOf(value);
        };
    }

    /** @param value as {@link RowReader#fixedValue()} gives it */
    static String ofFixed(ColumnType type, long value) {
        return switch (type.kind()) {
            case BOOLEAN -> value != 0 ? "true" : "false";
            case INT16, INT32, INT64 -> Long.toString(value);
            case FLOAT32 -> Float.toString(Float.intBitsToFloat((int) value));
            case FLOAT64 -> Double.toString(Double.longBitsToDouble(value));
            case DECIMAL -> BigDecimal.valueOf(value, type.scale()).toPlainString();
            case DATE -> dateTime(value, -1, "");
            case TIME -> ofTime(value);
            case TIMESTAMP -> dateTime(Math.floorDiv(value, DAY_MICROS), Math.floorMod(value, DAY_MICROS), "");
            case TIMESTAMPTZ -> dateTime(Math.floorDiv(value, DAY_MICROS), Math.floorMod(value, DAY_MICROS), "+00");
            case TEXT, JSON, ANY, BYTES -> throw new IllegalArgumentException(type + " is of no fixed length");
        };
    }

    /** @param value the bytes of a {@link ColumnType#isVariable() variable} value, as {@link RowReader} finds them */
    static String ofVariable(ColumnType type, byte[] value, int from, int length) {
        return switch (type.kind()) {
            case TEXT, JSON, ANY -> new String(value, from, length, StandardCharsets.UTF_8);
            case BYTES -> "\\x" + HexFormat.of().formatHex(value, from, from + length);
            case DECIMAL -> new BigDecimal(new BigInteger(value, from, length), type.scale()).toPlainString();
            default -> throw new IllegalArgumentException(type + " is of a fixed length");
        };
    }

    /** @param micros since midnight, 24:00 included */
    public static String ofTime(long micros) {
        StringBuilder text = new StringBuilder(15);
        time(text, micros);
        return text.toString();
    }

    /** @param micros of the day, negative for a date alone */
    private static String dateTime(long epochDay, long micros, String zone) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        int year = date.getYear();
        StringBuilder text = new StringBuilder(32);
        padded(text, year > 0 ? year : 1 - year, 4);
        padded(text.append('-'), date.getMonthValue(), 2);
        padded(text.append('-'), date.getDayOfMonth(), 2);
        if (micros >= 0) {
            time(text.append(' '), micros);
        }
        return text.append(zone).append(year > 0 ? "" : " BC").toString();
    }

    private static void time(StringBuilder text, long micros) {
        int seconds = (int) (micros / MICROS);
        padded(text, seconds / 3600, 2);
        padded(text.append(':'), seconds / 60 % 60, 2);
        padded(text.append(':'), seconds % 60, 2);
        int fraction = (int) (micros % MICROS);
        if (fraction != 0) {
            int digits = 6;
            for (; fraction % 10 == 0; fraction /= 10) {
                digits--;
            }
            padded(text.append('.'), fraction, digits);
        }
    }

    private static void padded(StringBuilder text, int number, int digits) {
        String all = Integer.toString(number);
        text.append("0".repeat(Math.max(0, digits - all.length()))).append(all);
    }
}
