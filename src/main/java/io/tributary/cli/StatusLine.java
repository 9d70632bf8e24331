package io.tributary.cli;

import io.tributary.doctor.Metrics;
import io.tributary.flow.MetricName;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Collectors;

/** How far a job is, in a line. */
final class StatusLine {
    private StatusLine() {}

    /**
     * Asks the job.
     *
     * @param url of its metrics
     * @param look the command that says why a table is named
     */
    static String of(String url, String look) {
        try {
            Metrics metrics = Metrics.read(url);
            double newest = metrics.max("newestSourceMillis").orElse(0);
            String freshness = newest == 0 ? "-" : "%.1f s".formatted((System.currentTimeMillis() - newest) / 1000);
            return "events read %,d | applied %,d | rejected %,d | freshness %s | files %,d | mirrored %,d"
                            .formatted(
                                    metrics.sum("cdc_read_total"),
                                    metrics.sum("cdc_transactions_total"),
                                    metrics.sum("cdc_rejected_total"),
                                    freshness,
                                    metrics.sum(MetricName.LAKE_FILES.template()),
                                    metrics.sum(MetricName.WAREHOUSE_ROWS.template()))
                    + tables(metrics, MetricName.WAREHOUSE_ASIDE, "set aside", look)
                    + tables(metrics, MetricName.BREAKER_OPEN, "mostly rejected", look)
                    + tables(metrics, MetricName.UNKNOWN_COLUMN, "without a column that the file names", look)
                    + tables(metrics, MetricName.SINK_WAITING, "waited for", look);
        } catch (IOException e) {
            return "no metrics: " + e.getMessage();
        }
    }

    /** The tables of which a metric is not zero, which must be looked at. */
    private static String tables(Metrics metrics, MetricName metric, String what, String look) {
        String tables = metrics.byLabel(metric.template(), "table").entrySet().stream()
                .filter(table -> table.getValue() > 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        return tables.isEmpty() ? "" : " | " + what + ": " + tables + " (" + look + " says why)";
    }
}
