package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.ValueText;
import java.math.BigInteger;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private static final BigInteger THOUSAND = BigInteger.valueOf(1000);
    /** A time of day that no day has. */
    private static final Pattern DURATION =
            Pattern.compile("(-?[0-9]{1,7}:[0-5][0-9](?::[0-5][0-9](?:\\.[0-9]{1,12})?)?)Z?");

    /** Of the years that {@link TimeText} does not take. */
    private static final Pattern FAR = Pattern.compile(
            "([+-]?[0-9]{4,10})-([0-9]{2})-([0-9]{2})(?:[T ]([0-9]{2}):([0-9]{2})(?::[0-9]{2}(?:\\.[0-9]{1,12})?)?)?"
                    + "(?:Z|[+-][0-9]{2}(?::?[0-9]{2}){0,2})?");

    private static final long FAR_YEAR = 100_000;

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
            throw Tokens.outOfRange(
                    type,
                    type.kind() == ColumnType.Kind.TIME
                            ? duration(BigInteger.valueOf(millis)
                                    .multiply(THOUSAND)
                                    .multiply(THOUSAND))
                            : dateTime(Math.floorDiv(millis, 1000), Math.floorMod(millis, 1000) * 1_000_000));
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
            if (value < 0 || value > DAY_MICROS) {
                throw Tokens.outOfRange(type, duration(BigInteger.valueOf(value).multiply(THOUSAND)));
            }
            return value;
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
        if (type.kind() == ColumnType.Kind.TIME && (value < 0 || value > DAY_MICROS * 1000)) {
            throw Tokens.outOfRange(type, duration(BigInteger.valueOf(value)));
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
        if (type.kind() == ColumnType.Kind.TIME) {
            return clock(json, type);
        }
        Tokens.stringToken(json, type);
        String infinite = infiniteText(json);
        if (infinite != null) {
            throw Tokens.outOfRange(type, infinite);
        }
        try {
            return instant(json, type);
        } catch (OutOfRangeException e) {
            throw e;
        } catch (DecodeException e) {
            throw isFar(json) ? Tokens.outOfRange(type, shown(Tokens.content(json), type)) : e;
        }
    }

    /** Whether a text that is no time of ours is one of a year that nobody counts. */
    private static boolean isFar(JsonScanner json) {
        Matcher matcher = FAR.matcher(Tokens.content(json));
        return matcher.matches()
                && Math.abs(Long.parseLong(matcher.group(1))) > FAR_YEAR
                && isWithin(matcher.group(2), 1, 12)
                && isWithin(matcher.group(3), 1, 31)
                && isWithin(matcher.group(4), 0, 24)
                && isWithin(matcher.group(5), 0, 59);
    }

    private static boolean isWithin(@Nullable String digits, int least, int most) {
        return digits == null || Integer.parseInt(digits) >= least && Integer.parseInt(digits) <= most;
    }

    private static String shown(String iso, ColumnType type) {
        String plain = iso.replace('T', ' ').replace("Z", type.kind() == ColumnType.Kind.TIMESTAMPTZ ? "+00" : "");
        return plain.startsWith("+") ? plain.substring(1) : plain;
    }

    private static long instant(JsonScanner json, ColumnType type) {
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

    /** A time of day; MySQL's goes from -838:59:59 to 838:59:59. */
    static long clock(JsonScanner json, ColumnType type) {
        Tokens.stringToken(json, type);
        try {
            return TimeText.clock(json.text(), json.textStart(), json.textLength());
        } catch (OutOfRangeException e) {
            String text = e.text().replace("+00", "");
            throw Tokens.outOfRange(type, text.substring(text.indexOf(' ') + 1));
        } catch (DecodeException e) {
            Matcher matcher = DURATION.matcher(Tokens.content(json));
            throw matcher.matches() ? Tokens.outOfRange(type, matcher.group(1)) : e;
        }
    }

    /** A length of time as MySQL and PostgreSQL write it: {@code -838:59:59.5}. */
    private static String duration(BigInteger nanos) {
        BigInteger[] parts = nanos.abs().divideAndRemainder(BigInteger.valueOf(1_000_000_000));
        long seconds = parts[0].longValueExact();
        String fraction = parts[1].signum() == 0
                ? ""
                : ".%09d".formatted(parts[1].intValueExact()).replaceAll("0+$", "");
        return "%s%02d:%02d:%02d%s"
                .formatted(nanos.signum() < 0 ? "-" : "", seconds / 3600, seconds / 60 % 60, seconds % 60, fraction);
    }
}
