package io.tributary.flow;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as people write them: {@code 500ms}, {@code 60s}, {@code 5m}, {@code 1h30m}, {@code 1 minute}, {@code 2 days}. */
public final class Durations {
    private static final Pattern PART = Pattern.compile("\\G\\s*(\\d{1,9})\\s*([a-z]+)");

    private Durations() {}

    /** @throws IllegalArgumentException if the text is no duration */
    public static Duration parse(String text) {
        Duration sum = Duration.ZERO;
        String lower = text.toLowerCase(Locale.ROOT);
        Matcher matcher = PART.matcher(lower);
        int end = 0;
        while (matcher.find()) {
            sum = sum.plus(unit(matcher.group(2), text).multipliedBy(Long.parseLong(matcher.group(1))));
            end = matcher.end();
        }
        if (end == 0 || !lower.substring(end).isBlank()) {
            throw none(text);
        }
        return sum;
    }

    private static Duration unit(String name, String text) {
        return switch (name) {
            case "ms", "millisecond", "milliseconds" -> Duration.ofMillis(1);
            case "s", "sec", "second", "seconds" -> Duration.ofSeconds(1);
            case "m", "min", "minute", "minutes" -> Duration.ofMinutes(1);
            case "h", "hour", "hours" -> Duration.ofHours(1);
            case "d", "day", "days" -> Duration.ofDays(1);
            default -> throw none(text);
        };
    }

    private static IllegalArgumentException none(String text) {
        return new IllegalArgumentException("'" + text + "' is no duration such as 60s, 5m or 1h");
    }
}
