package io.tributary.metrics;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What one row counts for in one metric: read again for each row. */
final class RowAmount {
    static final String NO_AMOUNT = "no-amount";
    static final String NO_NUMBER = "not-a-number";
    static final String UNKNOWN_CURRENCY = "unknown-currency";

    /** Of a null. */
    private static final String NONE = "none";
    /** Prometheus takes an empty value for a missing label. */
    private static final String EMPTY = "empty";

    private static final int LONGEST_LABEL = 80;
    /** Of a number that is still one amount and no attack on the heap. */
    private static final int MOST_DIGITS = 40;

    private final MetricSettings settings;
    private final Map<Long, List<@Nullable Use>> plans = new HashMap<>();
    private final RowReader reader = new RowReader();

    private String[] labels;
    /** In the metric's currency; null if there is none. */
    @Nullable
    BigDecimal amount;
    /** Why there is no amount, or empty. */
    String problem = "";
    /** The row's currency, where the metric has a column for it. */
    String currency = "";

    /** A column that is needed: what for, and of which type. */
    private record Use(boolean amount, boolean currency, int label, ColumnType type) {}

    RowAmount(MetricSettings settings) {
        this.settings = settings;
        this.labels = new String[settings.labels().size()];
    }

    void read(TableSchema schema, Slice row) {
        List<@Nullable Use> plan = plans.computeIfAbsent(schema.id(), id -> plan(schema));
        labels = new String[labels.length];
        Arrays.fill(labels, NONE);
        currency = settings.currencyColumn() == null ? settings.to() : NONE;
        amount = null;
        problem = NO_AMOUNT;
        reader.open(schema, row.bytes(), row.offset());
        for (Use use : plan) {
            boolean present = reader.next();
            if (!present || use == null) {
                continue;
            }
            if (use.amount) {
                amount = number(use.type.kind());
            }
            if (use.currency) {
                currency = label(use.type);
            }
            if (use.label >= 0) {
                labels[use.label] = label(use.type);
            }
        }
        convert();
    }

    String first() {
        return labels[0];
    }

    /** The values of the labels that amounts are grouped by. */
    List<String> group() {
        return labels.length < 2 ? List.of() : List.of(Arrays.copyOfRange(labels, 1, labels.length));
    }

    private void convert() {
        if (amount == null) {
            return;
        }
        if (currency.equals(settings.to())) {
            problem = "";
            return;
        }
        BigDecimal rate = settings.rates().get(currency);
        amount = rate == null ? null : amount.multiply(rate);
        problem = rate == null ? UNKNOWN_CURRENCY : "";
    }

    private @Nullable BigDecimal number(ColumnType.Kind kind) {
        BigDecimal number =
                switch (kind) {
                    case DECIMAL -> reader.decimalValue();
                    case INT16, INT32 -> BigDecimal.valueOf(reader.intValue());
                    case INT64 -> BigDecimal.valueOf(reader.longValue());
                    case FLOAT32 -> parse(Float.toString(reader.floatValue()));
                    case FLOAT64 -> parse(Double.toString(reader.doubleValue()));
                    case TEXT, JSON, ANY ->
                        reader.valueLength() > MOST_DIGITS
                                ? null
                                : parse(reader.textValue().strip());
                    case BOOLEAN, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ -> null;
                };
        if (number == null || number.precision() > MOST_DIGITS || Math.abs(number.scale()) > MOST_DIGITS) {
            problem = NO_NUMBER;
            return null;
        }
        return number;
    }

    private static @Nullable BigDecimal parse(String text) {
        try {
            return new BigDecimal(unquoted(text));
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** MongoDB's ids are JSON. */
    private static String unquoted(String text) {
        boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
        return quoted ? text.substring(1, text.length() - 1) : text;
    }

    private String label(ColumnType type) {
        String text = ValueText.of(type, reader.value());
        text = type.kind() == ColumnType.Kind.ANY ? unquoted(text) : text;
        if (text.isEmpty()) {
            return EMPTY;
        }
        return text.length() <= LONGEST_LABEL ? text : text.substring(0, LONGEST_LABEL) + "…";
    }

    /** What each column is for, up to the last one that is needed. */
    private List<@Nullable Use> plan(TableSchema schema) {
        List<@Nullable Use> plan = new ArrayList<>();
        int end = 0;
        for (Column column : schema.columns()) {
            boolean isAmount = column.name().equals(settings.amount());
            boolean isCurrency = column.name().equals(settings.currencyColumn());
            int label = settings.labels().indexOf(column.name());
            boolean isNeeded = isAmount || isCurrency || label >= 0;
            plan.add(isNeeded ? new Use(isAmount, isCurrency, label, column.type()) : null);
            end = isNeeded ? plan.size() : end;
        }
        return new ArrayList<>(plan.subList(0, end));
    }
}
