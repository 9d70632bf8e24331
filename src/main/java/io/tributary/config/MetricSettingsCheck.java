package io.tributary.config;

import io.tributary.changelog.StateMode;
import io.tributary.config.PipelineConfig.Metric;
import io.tributary.flow.ConfigException;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a schema cannot say of metrics. */
final class MetricSettingsCheck {
    /** Labels that every metric has from Flink or Prometheus, or from us. */
    private static final Set<String> TAKEN = Set.of(
            "host",
            "tm_id",
            "job_id",
            "job_name",
            "task_id",
            "task_name",
            "task_attempt_id",
            "task_attempt_num",
            "subtask_index",
            "operator_id",
            "operator_name",
            "job",
            "instance",
            "pipeline",
            "metric",
            "table",
            "le",
            "other");

    private static final Pattern LABEL = Pattern.compile("[A-Za-z][A-Za-z0-9_]*");
    private static final int MOST_LABELS = 5;

    private MetricSettingsCheck() {}

    static void check(PipelineConfig config) {
        config.metrics().forEach((name, metric) -> {
            String place = "metrics." + name;
            buckets(place, metric.buckets() == null ? List.of() : metric.buckets());
            labels(place, metric.labels() == null ? List.of() : metric.labels());
            PipelineConfig.Currency currency = metric.currency();
            if (currency != null) {
                currency(place + ".currency", currency);
            }
            table(place, metric, config.tables().get(metric.table()));
        });
    }

    private static void buckets(String place, List<BigDecimal> buckets) {
        for (int i = 1; i < buckets.size(); i++) {
            if (buckets.get(i).compareTo(buckets.get(i - 1)) <= 0) {
                throw new ConfigException("'" + place + ".buckets' must rise, got "
                        + buckets.get(i).toPlainString() + " after "
                        + buckets.get(i - 1).toPlainString());
            }
        }
    }

    private static void labels(String place, List<String> labels) {
        if (labels.size() > MOST_LABELS) {
            throw new ConfigException(
                    "'" + place + ".labels' must be at most " + MOST_LABELS + ", got " + labels.size());
        }
        Set<String> seen = new HashSet<>();
        for (String label : labels) {
            if (!LABEL.matcher(label).matches() || label.contains("cdc_") || label.endsWith("cdc")) {
                throw new ConfigException("'" + place
                        + ".labels' must be columns that can name a label (letters, digits and '_', no 'cdc'), got '"
                        + label + "'");
            }
            if (TAKEN.contains(label)) {
                throw new ConfigException(
                        "'" + place + ".labels' must not be a label that every metric has, got '" + label + "'");
            }
            if (label.equals("merchant") && labels.contains("merchant_name")) {
                throw new ConfigException("'" + place
                        + ".labels' must not have both merchant and merchant_name: Prometheus shows both as merchant");
            }
            if (!seen.add(label)) {
                throw new ConfigException(
                        "'" + place + ".labels' must name each column once, got '" + label + "' twice");
            }
        }
    }

    private static void currency(String place, PipelineConfig.Currency currency) {
        Map<String, BigDecimal> rates = currency.rates() == null ? Map.of() : currency.rates();
        if (currency.column() == null && !rates.isEmpty()) {
            throw new ConfigException("'" + place + ".rates' needs '" + place + ".column'");
        }
        rates.forEach((from, rate) -> {
            if (rate.signum() <= 0) {
                throw new ConfigException(
                        "'" + place + ".rates." + from + "' must be above 0, got " + rate.toPlainString());
            }
        });
    }

    private static void table(String place, Metric metric, @Nullable TableFile table) {
        if (table == null) {
            return;
        }
        if (table.state() == StateMode.KEYS) {
            throw new ConfigException("'" + place + ".table' is " + metric.table() + ", of which 'tables."
                    + metric.table() + ".state' keeps keys only: its amounts could not be taken back");
        }
        if (table.hidden().containsKey(metric.amount())) {
            throw new ConfigException("'" + place + ".amount' is " + metric.amount() + ", which 'tables."
                    + metric.table() + ".columns' hides");
        }
    }
}
