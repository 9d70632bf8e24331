package io.tributary.validate;

import com.google.re2j.Pattern;
import io.tributary.change.ColumnType;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import io.tributary.expression.Expression;
import io.tributary.expression.ExpressionException;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A rule for the values of one column.
 *
 * @param limit of {@link Kind#MIN} and {@link Kind#MAX}, and of {@link Kind#MAX_LENGTH} in characters
 * @param values of {@link Kind#IN}, as text
 * @param condition of {@link Kind#EXPR}: over the whole row
 * @param pattern of {@link Kind#PATTERN}: the whole value has to match; RE2's, which takes no longer for one value than for another
 */
public record Rule(
        String column,
        Kind kind,
        Action action,
        @Nullable BigDecimal limit,
        @Nullable Set<String> values,
        @Nullable Pattern pattern,
        @Nullable Expression condition)
        implements Serializable {
    private static final long MICROS_PER_MILLI = 1000;
    private static final long DAY_MILLIS = 86_400_000;
    /** Characters of a text that is looked at as a number. */
    private static final int LONGEST = 1000;

    /** What is asked of a value. All but {@link #REQUIRED} let null pass. */
    public enum Kind {
        REQUIRED,
        MIN,
        MAX,
        INTEGER,
        NUMBER,
        IN,
        PATTERN,
        MAX_LENGTH,
        NOT_IN_THE_FUTURE,
        /** A condition over the whole row. */
        EXPR;

        /** As the pipeline file and the dead letters spell it. */
        public String spelled() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** What becomes of a row whose value breaks the rule. */
    public enum Action {
        /** It is a dead letter, and the row stays as it was. */
        REJECT,
        /** It passes, and is counted. */
        WARN,
        /** The value is null, and counted. */
        NULL
    }

    /** Of one value. */
    public Rule(
            String column,
            Kind kind,
            Action action,
            @Nullable BigDecimal limit,
            @Nullable Set<String> values,
            @Nullable Pattern pattern) {
        this(column, kind, action, limit, values, pattern, null);
    }

    /** Frozen by savepoints: an aggregate knows its conditions again by it. */
    @Override
    public String toString() {
        String text = "Rule[column=" + column + ", kind=" + kind + ", action=" + action + ", limit=" + limit
                + ", values=" + values + ", pattern=" + pattern;
        return text + (condition == null ? "]" : ", condition=" + condition + "]");
    }

    /** The rule's name in dead letters and counts: {@code amount.min}. */
    public String name() {
        return column + "." + kind.spelled();
    }

    /**
     * Whether a value keeps the rule. One that the rule cannot be asked of does not: a row must not stop all others.
     *
     * @param value as {@link io.tributary.change.RowReader#value()} gives it
     * @param nowMillis the time of the change, in milliseconds since 1970
     */
    @SuppressWarnings("CatchingUnchecked")
    public boolean holds(ColumnType type, @Nullable Object value, long nowMillis) {
        try {
            return isKept(type, value, nowMillis);
        } catch (RuntimeException | StackOverflowError e) {
            return false;
        }
    }

    /** Whether a row keeps the {@link #condition}: one of which it is not known, as a value is null, does. */
    public boolean holds(TableSchema schema, Slice row) {
        try {
            return condition != null
                    && !Boolean.FALSE.equals(condition.bind(schema).condition(row.bytes(), row.offset()));
        } catch (ExpressionException e) {
            return false;
        }
    }

    private boolean isKept(ColumnType type, @Nullable Object value, long nowMillis) {
        if (value == null) {
            return kind != Kind.REQUIRED;
        }
        return switch (kind) {
            case REQUIRED -> !(value instanceof String text && text.isEmpty());
            case MIN -> compare(value) >= 0;
            case MAX -> compare(value) <= 0 && number(value) != null;
            case INTEGER -> {
                BigDecimal number = number(value);
                yield number != null
                        && (number.signum() == 0 || number.stripTrailingZeros().scale() <= 0);
            }
            case NUMBER -> number(value) != null;
            case IN -> values != null && values.contains(ValueText.of(type, value));
            case PATTERN ->
                pattern != null && pattern.matcher(ValueText.of(type, value)).matches();
            case MAX_LENGTH -> {
                String text = ValueText.of(type, value);
                yield limit != null && text.codePointCount(0, text.length()) <= limit.longValue();
            }
            case NOT_IN_THE_FUTURE -> millis(type, value) <= nowMillis;
            case EXPR -> throw new IllegalStateException("a condition is asked of a row");
        };
    }

    /** Of the value to the limit; what is no number is below every limit. */
    private int compare(Object value) {
        BigDecimal number = number(value);
        return number == null || limit == null ? -1 : number.compareTo(limit);
    }

    private static @Nullable BigDecimal number(Object value) {
        try {
            if (value instanceof BigDecimal decimal) {
                return decimal;
            }
            if (value instanceof Number || value instanceof String) {
                String text = value.toString().strip();
                return text.length() <= LONGEST ? new BigDecimal(text) : null;
            }
            return null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private static long millis(ColumnType type, Object value) {
        return switch (type.kind()) {
            case DATE -> (Integer) value * DAY_MILLIS;
            case TIMESTAMP, TIMESTAMPTZ -> Math.floorDiv((Long) value, MICROS_PER_MILLI);
            case BOOLEAN, INT16, INT32, INT64, FLOAT32, FLOAT64, DECIMAL, TEXT, JSON, BYTES, TIME, ANY ->
                Long.MIN_VALUE; // no time
        };
    }
}
