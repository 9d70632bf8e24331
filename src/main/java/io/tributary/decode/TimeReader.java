package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.ValueText;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Reads dates and times, as numbers or as text, in the units in which rows hold them. */
final class TimeReader {
    private static final long DAY_MICROS = 86_400_000_000L;
    /** Year 1 to year 9999: what lakes, warehouses and languages agree on. */
    private static final int MIN_DAYS = -719_162;

    private static final int MAX_DAYS = 2_932_896;
    private static final long MIN_MICROS = MIN_DAYS * DAY_MICROS;
    private static final long MAX_MICROS = (MAX_DAYS + 1L) * DAY_MICROS - 1;
    /** 4714 BC, where PostgreSQL's times begin: what is before has wrapped around, from year 294247 on. */
    private static final long FIRST_MICROS = -2_440_588 * DAY_MICROS;

    private static final String INFINITY = "infinity";
    private static final String MINUS_INFINITY = "-infinity";

    private TimeReader() {}

    static int days(JsonScanner json, ColumnType type) {
        if (json.peek() == '"') {
            return inYears(Math.floorDiv(isoText(json, type), DAY_MICROS), type);
        }
        long value = Tokens.integerToken(json, type);
        // Debezium has two ways to write an infinite date: from a snapshot and from the stream
        if (value == -622_191_234 || value == -2_147_472_692) {
            throw Tokens.outOfRange(type, INFINITY);
        }
        if (value == -625_821_272 || value == -2_147_472_691) {
            throw Tokens.outOfRange(type, MINUS_INFINITY);
        }
        return inYears(Tokens.inRange(value, Integer.MIN_VALUE, Integer.MAX_VALUE, type), type);
    }

    private static int inYears(long value, ColumnType type) {
        if (value < MIN_DAYS || value > MAX_DAYS) {
            throw Tokens.outOfRange(type, ValueText.of(type, (int) value));
        }
        return (int) value;
    }

    static long fromMillis(long millis, ColumnType type) {
        if (type.kind() == ColumnType.Kind.TIMESTAMP && infinite(millis) != null) {
            return millis;
        }
        if (millis < Long.MIN_VALUE / 1000 || millis > Long.MAX_VALUE / 1000) {
            throw type.kind() == ColumnType.Kind.TIME
                    ? Tokens.notA(type, Long.toString(millis))
                    : Tokens.outOfRange(
                            type, dateTime(Math.floorDiv(millis, 1000), Math.floorMod(millis, 1000) * 1_000_000));
        }
        return millis * 1000;
    }

    private static @Nullable String infinite(long value) {
        if (value == 9_223_372_036_825_200_000L) {
            return INFINITY;
        }
        return value == -9_223_372_036_832_400_000L ? MINUS_INFINITY : null;
    }

    static long micros(long value, ColumnType type) {
        if (type.kind() == ColumnType.Kind.TIME) {
            return Tokens.inRange(value, 0, DAY_MICROS, type);
        }
        if (value >= MIN_MICROS && value <= MAX_MICROS) {
            return value;
        }
        String infinite = infinite(value);
        if (infinite != null) {
            throw Tokens.outOfRange(type, infinite);
        }
        if (value < FIRST_MICROS) {
            throw Tokens.outOfRange(
                    type,
                    dateTime(
                            Long.divideUnsigned(value, 1_000_000),
                            (int) Long.remainderUnsigned(value, 1_000_000) * 1000));
        }
        throw Tokens.outOfRange(type, ValueText.of(type, value));
    }

    static long nanos(long value, ColumnType type) {
        if (type.kind() != ColumnType.Kind.TIME && (value == Long.MAX_VALUE || value == Long.MIN_VALUE)) {
            throw Tokens.outOfRange(type, value > 0 ? INFINITY : MINUS_INFINITY);
        }
        if (type.kind() == ColumnType.Kind.TIME) {
            Tokens.inRange(value, 0, DAY_MICROS * 1000, type);
        }
        if (value % 1000 != 0) {
            String text = dateTime(Math.floorDiv(value, 1_000_000_000L), (int) Math.floorMod(value, 1_000_000_000L));
            throw Tokens.outOfRange(
                    type, type.kind() == ColumnType.Kind.TIME ? text.substring(text.indexOf(' ') + 1) : text);
        }
        return micros(value / 1000, type);
    }

    /** A time as PostgreSQL writes it, with up to nine digits of a second's fraction. */
    private static String dateTime(long seconds, int nanos) {
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        String fraction = nanos == 0 ? "" : ".%09d".formatted(nanos).replaceAll("0+$", "");
        return "%04d-%02d-%02d %02d:%02d:%02d%s"
                .formatted(
                        time.getYear(),
                        time.getMonthValue(),
                        time.getDayOfMonth(),
                        time.getHour(),
                        time.getMinute(),
                        time.getSecond(),
                        fraction);
    }

    static long isoText(JsonScanner json, ColumnType type) {
        Tokens.stringToken(json, type);
        String infinite = infiniteText(json);
        if (infinite != null) {
            throw Tokens.outOfRange(type, infinite);
        }
        if (type.kind() == ColumnType.Kind.TIME) {
            return TimeText.clock(json.text(), json.textStart(), json.textLength());
        }
        long micros = TimeText.micros(
                json.text(), json.textStart(), json.textLength(), type.kind() == ColumnType.Kind.TIMESTAMPTZ);
        return type.kind() == ColumnType.Kind.DATE ? micros : micros(micros, type);
    }

    private static @Nullable String infiniteText(JsonScanner json) {
        if (json.textLength() > 10 || json.textLength() < 8) {
            return null;
        }
        String text = Tokens.content(json);
        return switch (text.endsWith("Z") ? text.substring(0, text.length() - 1) : text) {
            case INFINITY, "+infinity" -> INFINITY;
            case MINUS_INFINITY -> MINUS_INFINITY;
            default -> null;
        };
    }

    static long clock(JsonScanner json, ColumnType type) {
        Tokens.stringToken(json, type);
        return TimeText.clock(json.text(), json.textStart(), json.textLength());
    }
}
