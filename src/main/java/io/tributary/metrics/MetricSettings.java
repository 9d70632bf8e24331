package io.tributary.metrics;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A metric of amounts as the pipeline file describes it.
 *
 * @param table whose rows it measures, as {@code schema.table}
 * @param amount the column of the amount
 * @param currencyColumn the column of the currency; null if all amounts are in {@code to}
 * @param to the currency that amounts are converted to
 * @param rates what one unit of a currency is in {@code to}
 * @param labels columns: by the first, rows and their amounts are counted; by the others together, amounts
 * @param buckets upper bounds of the histogram's buckets, rising, without the infinite one
 * @param limit how many values of the first label, and of the others together, are told apart; the rest is {@code other}
 */
public record MetricSettings(
        String name,
        String table,
        String amount,
        @Nullable String currencyColumn,
        String to,
        Map<String, BigDecimal> rates,
        List<String> labels,
        List<BigDecimal> buckets,
        int limit)
        implements Serializable {
    /** Where the pipeline file names no currency. */
    public static final String CURRENCY = "EUR";

    /** Where the pipeline file names no buckets. */
    public static final List<BigDecimal> BUCKETS = Stream.of(10, 50, 100, 250, 500, 1000, 5000)
            .map(BigDecimal::valueOf)
            .toList();

    /** Where the pipeline file names no limit of labels. */
    public static final int LIMIT = 500;

    /** The upper bound of the last bucket. */
    static final String INFINITE = "+Inf";

    public MetricSettings {
        rates = Map.copyOf(rates);
        labels = List.copyOf(labels);
        buckets = List.copyOf(buckets);
    }

    /** What the sums depend on, in one line: sums that were made under another definition cannot be continued. */
    String definition() {
        return String.join(
                "; ",
                "table " + table,
                "amount " + amount,
                "currency " + (currencyColumn == null ? to : currencyColumn + " to " + to + " " + new TreeMap<>(rates)),
                "labels " + labels,
                "buckets " + buckets,
                "label-limit " + limit);
    }

    /** The labels that amounts are grouped by. */
    List<String> groupLabels() {
        return labels.size() < 2 ? List.of() : labels.subList(1, labels.size());
    }
}
