package io.tributary.audit;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One text for equal times, as PostgreSQL and as Debezium spell them. What is none stays as it is. */
final class Times {
    private static final long MICROS = 1_000_000;
    private static final long DAY = 86_400 * MICROS;

    private static final Pattern TIMESTAMP = Pattern.compile(
            "(\\d{4})-(\\d\\d)-(\\d\\d)[T ](\\d\\d):(\\d\\d):(\\d\\d)(\\.\\d{1,6})?(Z|[+-]\\d\\d(?::?\\d\\d)?(?::?\\d\\d)?)?");
    private static final Pattern TIME =
            Pattern.compile("(\\d\\d):(\\d\\d)(?::(\\d\\d)(\\.\\d{1,6})?)?(Z|[+-]\\d\\d(?::?\\d\\d)?(?::?\\d\\d)?)");
    private static final Pattern ISO = Pattern.compile(
            "P(?:(-?\\d+)Y)?(?:(-?\\d+)M)?(?:(-?\\d+)D)?(?:T(?:(-?\\d+)H)?(?:(-?\\d+)M)?(?:(-?\\d+(?:\\.\\d+)?)S)?)?");
    private static final Pattern POSTGRES = Pattern.compile(
            "(?:([+-]?\\d+) years? ?)?(?:([+-]?\\d+) mons? ?)?(?:([+-]?\\d+) days? ?)?(?:([+-]?)(\\d+):(\\d\\d):(\\d\\d(?:\\.\\d+)?))?");

    private Times() {}

    /** Microseconds since 1970. */
    static String timestamp(String text) {
        Matcher at = TIMESTAMP.matcher(text);
        if (!at.matches()) {
            return text;
        }
        try {
            LocalDateTime time = LocalDateTime.of(
                    (int) number(at.group(1)),
                    (int) number(at.group(2)),
                    (int) number(at.group(3)),
                    (int) number(at.group(4)),
                    (int) number(at.group(5)),
                    (int) number(at.group(6)));
            long seconds = time.toEpochSecond(ZoneOffset.UTC) - offset(at.group(8));
            return String.valueOf(seconds * MICROS + fraction(at.group(7)));
        } catch (DateTimeException e) {
            return text;
        }
    }

    /** Microseconds of a day in UTC: 24:00 is 00:00 to Debezium. */
    static String timeOfDay(String text) {
        Matcher at = TIME.matcher(text);
        if (!at.matches()) {
            return text;
        }
        long seconds = number(at.group(1)) * 3600 + number(at.group(2)) * 60 + number(at.group(3));
        try {
            return String.valueOf(Math.floorMod((seconds - offset(at.group(5))) * MICROS + fraction(at.group(4)), DAY));
        } catch (DateTimeException e) {
            return text;
        }
    }

    /** Months, days and microseconds. */
    static String interval(String text) {
        Matcher iso = ISO.matcher(text);
        if (text.startsWith("P") && iso.matches()) {
            BigDecimal seconds = iso.group(6) == null ? BigDecimal.ZERO : new BigDecimal(iso.group(6));
            return parts(
                    number(iso.group(1)) * 12 + number(iso.group(2)),
                    number(iso.group(3)),
                    micros(seconds) + (number(iso.group(4)) * 3600 + number(iso.group(5)) * 60) * MICROS);
        }
        Matcher own = POSTGRES.matcher(text);
        if (text.isEmpty() || !own.matches()) {
            return text;
        }
        long micros = 0;
        if (own.group(5) != null) {
            micros = micros(new BigDecimal(own.group(7)))
                    + (number(own.group(5)) * 3600 + number(own.group(6)) * 60) * MICROS;
            micros = "-".equals(own.group(4)) ? -micros : micros;
        }
        return parts(number(own.group(1)) * 12 + number(own.group(2)), number(own.group(3)), micros);
    }

    private static String parts(long months, long days, long micros) {
        return months + " " + days + " " + micros;
    }

    private static long micros(BigDecimal seconds) {
        return seconds.movePointRight(6).longValue();
    }

    private static long number(@Nullable String digits) {
        return digits == null || digits.isEmpty() ? 0 : Long.parseLong(digits);
    }

    private static long fraction(@Nullable String digits) {
        return digits == null ? 0 : micros(new BigDecimal("0" + digits));
    }

    /** In seconds. */
    private static long offset(@Nullable String zone) {
        return zone == null
                ? 0
                : ZoneOffset.of(zone.length() == 3 ? zone + ":00" : zone).getLong(ChronoField.OFFSET_SECONDS);
    }
}
