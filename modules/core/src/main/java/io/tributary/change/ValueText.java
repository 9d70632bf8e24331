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
    private static final int[] POWERS = {1, 10, 100, 1_000, 10_000, 100_000, 1_000_000};

    /** How many bytes a moment may have, a year of nine digits and "BC" included. */
    public static final int LONGEST_MOMENT = 40;

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
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, TEXT, JSON, ANY -> String.valueOf(value);
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
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DATE, TIME, TIMESTAMP, TIMESTAMPTZ ->
                throw new IllegalArgumentException(type + " is of a fixed length");
        };
    }

    /** @param micros since midnight, 24:00 included */
    public static String ofTime(long micros) {
        byte[] text = new byte[LONGEST_MOMENT];
        return ascii(text, time(text, 0, micros));
    }

    /**
     * Writes what {@link #of} makes of a {@link ColumnType#TIMESTAMPTZ}, in ASCII, at most {@link #LONGEST_MOMENT} bytes.
     *
     * @return where it ends
     */
    public static int moment(byte[] to, int at, long micros) {
        return dateTime(to, at, Math.floorDiv(micros, DAY_MICROS), Math.floorMod(micros, DAY_MICROS), "+00");
    }

    private static String dateTime(long epochDay, long micros, String zone) {
        byte[] text = new byte[LONGEST_MOMENT];
        return ascii(text, dateTime(text, 0, epochDay, micros, zone));
    }

    private static String ascii(byte[] text, int length) {
        return new String(text, 0, length, StandardCharsets.ISO_8859_1);
    }

    /** @param micros of the day, negative for a date alone */
    private static int dateTime(byte[] to, int from, long epochDay, long micros, String zone) {
        LocalDate date = LocalDate.ofEpochDay(epochDay);
        int year = date.getYear();
        int at = padded(to, from, year > 0 ? year : 1 - year, 4);
        to[at++] = '-';
        at = padded(to, at, date.getMonthValue(), 2);
        to[at++] = '-';
        at = padded(to, at, date.getDayOfMonth(), 2);
        if (micros >= 0) {
            to[at++] = ' ';
            at = time(to, at, micros);
        }
        at = put(to, at, zone);
        return year > 0 ? at : put(to, at, " BC");
    }

    private static int time(byte[] to, int from, long micros) {
        int seconds = (int) (micros / MICROS);
        int at = padded(to, from, seconds / 3600, 2);
        to[at++] = ':';
        at = padded(to, at, seconds / 60 % 60, 2);
        to[at++] = ':';
        at = padded(to, at, seconds % 60, 2);
        int fraction = (int) (micros % MICROS);
        if (fraction != 0) {
            int digits = 6;
            for (; fraction % 10 == 0; fraction /= 10) {
                digits--;
            }
            to[at++] = '.';
            at = padded(to, at, fraction, digits);
        }
        return at;
    }

    private static int padded(byte[] to, int at, int number, int digits) {
        int all = digits;
        for (long limit = POWERS[digits]; number >= limit; limit *= 10) {
            all++;
        }
        int rest = number;
        for (int i = at + all - 1; i >= at; i--) {
            to[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return at + all;
    }

    private static int put(byte[] to, int at, String ascii) {
        for (int i = 0; i < ascii.length(); i++) {
            to[at + i] = (byte) ascii.charAt(i);
        }
        return at + ascii.length();
    }
}
