package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.time.Month;
import java.time.Year;

/**
 * ISO 8601 instants as Debezium's {@code ZonedTimestamp} writes them ({@code 2024-02-29T12:00:00.5Z}, years before 0 and
 * after 9999 with a sign) to microseconds since 1970.
 */
final class TimeText {
    private static final long DAY_SECONDS = 86_400;
    /** Years whose microseconds a long holds. */
    private static final int MIN_YEAR = -290_307;

    private static final int MAX_YEAR = 294_246;
    /** PostgreSQL's times end in 294276. */
    private static final int LAST_YEAR = 294_276;

    private final byte[] bytes;
    private final int end;
    private int at;

    private TimeText(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.at = from;
        this.end = from + length;
    }

    /**
     * @throws DecodeException if the text is no instant
     * @throws OutOfRangeException if it is finer than a microsecond, or too far
     */
    static long micros(byte[] bytes, int from, int length, boolean zoned) {
        return new TimeText(bytes, from, length).read(zoned);
    }

    /** A time of day, up to 24:00, in microseconds; a Z at its end says nothing. */
    static long clock(byte[] bytes, int from, int length) {
        byte[] dated = new byte[11 + length];
        System.arraycopy("1970-01-01T".getBytes(StandardCharsets.US_ASCII), 0, dated, 0, 11);
        System.arraycopy(bytes, from, dated, 11, length);
        return new TimeText(dated, 0, dated.length).read(false);
    }

    private long read(boolean zoned) {
        int from = at;
        int sign = 1;
        if (at < end && (bytes[at] == '-' || bytes[at] == '+')) {
            sign = bytes[at++] == '-' ? -1 : 1;
        }
        int year = 0;
        int yearDigits = 0;
        while (at < end && digit(bytes[at]) && yearDigits < 7) {
            year = year * 10 + bytes[at++] - '0';
            yearDigits++;
        }
        year *= sign;
        boolean valid = yearDigits >= 4 && year >= MIN_YEAR && year <= LAST_YEAR;
        int month = field('-', valid, from);
        int day = field('-', valid, from);
        int hour = 0;
        int minute = 0;
        int second = 0;
        long micros = 0;
        if (at < end && (bytes[at] == 'T' || bytes[at] == ' ')) {
            hour = field((char) bytes[at], valid, from);
            minute = field(':', valid, from);
            second = at < end && bytes[at] == ':' ? field(':', valid, from) : 0;
            micros = fraction(from);
        }
        int offset = zoned ? offset(from) : ignoredZ();
        valid &= at == end
                && day >= 1
                && day <= daysOf(month, year)
                && hour <= 24
                && minute <= 59
                && second <= 60
                && (hour < 24 || minute == 0 && second == 0 && micros == 0);
        if (!valid) {
            throw notATime(from);
        }
        if (year > MAX_YEAR) {
            throw outOfRange(from);
        }
        long seconds = days(year, month, day) * DAY_SECONDS + hour * 3600L + minute * 60L + second - offset;
        return seconds * 1_000_000 + micros;
    }

    private static int daysOf(int month, int year) {
        return month >= 1 && month <= 12 ? Month.of(month).length(Year.isLeap(year)) : 0;
    }

    private int ignoredZ() {
        // isostring mode ends a timestamp without zone in Z as well
        if (at < end && bytes[at] == 'Z') {
            at++;
        }
        return 0;
    }

    private int field(char separator, boolean valid, int from) {
        if (!valid || at + 3 > end || bytes[at] != separator || !digit(bytes[at + 1]) || !digit(bytes[at + 2])) {
            throw notATime(from);
        }
        int value = (bytes[at + 1] - '0') * 10 + bytes[at + 2] - '0';
        at += 3;
        return value;
    }

    private long fraction(int from) {
        if (at >= end || bytes[at] != '.') {
            return 0;
        }
        at++;
        long micros = 0;
        int digits = 0;
        for (; at < end && digit(bytes[at]); at++, digits++) {
            if (digits < 6) {
                micros = micros * 10 + bytes[at] - '0';
            } else if (bytes[at] != '0') {
                throw outOfRange(from);
            }
        }
        for (; digits < 6; digits++) {
            micros *= 10;
        }
        return micros;
    }

    /** Seconds east of Greenwich. */
    private int offset(int from) {
        if (at < end && bytes[at] == 'Z') {
            at++;
            return 0;
        }
        if (at >= end || bytes[at] != '+' && bytes[at] != '-') {
            throw notATime(from);
        }
        int sign = bytes[at] == '-' ? -1 : 1;
        int hours = field((char) bytes[at], true, from);
        int minutes = at < end && bytes[at] == ':' ? field(':', true, from) : 0;
        int seconds = at < end && bytes[at] == ':' ? field(':', true, from) : 0;
        return sign * (hours * 3600 + minutes * 60 + seconds);
    }

    /** Days since 1970-01-01 in the proleptic Gregorian calendar, year 0 being 1 BC. */
    static long days(int year, int month, int day) {
        long y = month <= 2 ? year - 1L : year;
        long era = Math.floorDiv(y, 400);
        long yearOfEra = y - era * 400;
        long dayOfYear = (153L * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        long dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
        return era * 146_097 + dayOfEra - 719_468;
    }

    private static boolean digit(byte b) {
        return b >= '0' && b <= '9';
    }

    private OutOfRangeException outOfRange(int from) {
        String text = new String(bytes, from, end - from, StandardCharsets.UTF_8);
        String plain = text.replace('T', ' ').replace("Z", "+00");
        return new OutOfRangeException(
                "cannot hold as microseconds, got " + DecodeException.shown(text),
                plain.startsWith("+") ? plain.substring(1) : plain);
    }

    private DecodeException notATime(int from) {
        return new DecodeException(Reason.VALUE, "cannot hold as a time, got " + shown(from));
    }

    private String shown(int from) {
        return DecodeException.shown(new String(bytes, from, end - from, StandardCharsets.UTF_8));
    }
}
