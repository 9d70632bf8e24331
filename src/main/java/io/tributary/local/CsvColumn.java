package io.tributary.local;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A column of a CSV file: the narrowest type that all of its values have. */
final class CsvColumn {
    /** Digits before the point that a decimal has room for, where the file has no more. */
    private static final int WHOLE_DIGITS = 18;
    /** Digits after it: the first that is enough. */
    private static final int[] SCALES = {2, 4, 6, 10, 20};

    private static final int MOST_DIGITS = 38;
    private static final Pattern FRACTION = Pattern.compile("\\.(\\d*?)0*(?!\\d)");

    /** The narrowest first; each holds what those before it hold, or text does. */
    private enum Type {
        BIGINT("-?(0|[1-9]\\d{0,17})"),
        NUMERIC("-?(0|[1-9]\\d{0,30})(\\.\\d{1,20})?"),
        BOOLEAN("true|false"),
        DATE("\\d{4}-\\d{2}-\\d{2}"),
        TIMESTAMPTZ("\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?(Z|[+-]\\d{2}(:?\\d{2})?)"),
        TIMESTAMP("\\d{4}-\\d{2}-\\d{2}[T ]\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,6})?)?"),
        TEXT("(?s).*");

        private final Pattern pattern;

        Type(String pattern) {
            this.pattern = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE);
        }
    }

    private final Set<Type> possible = EnumSet.allOf(Type.class);
    private boolean isEmpty = true;
    private int whole;
    private int fraction;

    /** Takes note of a value that is not empty. */
    void add(String value) {
        isEmpty = false;
        possible.removeIf(type -> !type.pattern.matcher(value).matches());
        if (possible.contains(Type.NUMERIC)) {
            int point = value.indexOf('.');
            int sign = value.startsWith("-") ? 1 : 0;
            whole = Math.max(whole, (point < 0 ? value.length() : point) - sign);
            fraction = Math.max(fraction, fractionOf(value));
        }
    }

    /** How many digits after the point of a number, or of a time's seconds, are not there for nothing. */
    static int fractionOf(String value) {
        Matcher fraction = FRACTION.matcher(value);
        return fraction.find() ? fraction.group(1).length() : 0;
    }

    /** As PostgreSQL calls it; a number with a point has a scale, so that sinks can add it up. */
    String sql() {
        Type type = isEmpty ? Type.TEXT : possible.stream().min(Type::compareTo).orElse(Type.TEXT);
        String name = type.name().toLowerCase(Locale.ROOT);
        if (type != Type.NUMERIC) {
            return name;
        }
        for (int scale : SCALES) {
            int digits = Math.max(whole, WHOLE_DIGITS) + scale;
            if (scale >= fraction && digits <= MOST_DIGITS) {
                return "%s(%d,%d)".formatted(name, digits, scale);
            }
        }
        return name;
    }
}
