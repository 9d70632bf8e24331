package io.tributary.flow;

import java.util.List;
import java.util.Locale;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;

/**
 * Every metric of ours, as Prometheus shows it after the shipped scrape configuration. {@code docs/reference/metrics.md} is made of it.
 * A name may have a place for a currency ({@code <to>}) or a column ({@code <label>}).
 */
public enum MetricName {
    READ("cdc_read_total", Type.COUNTER, "records that were read", "table"),
    TRANSACTIONS(
            "cdc_transactions_total",
            Type.COUNTER,
            "changes that were applied; `op` is c, u, d, r (of a snapshot) or t (truncate)",
            "table",
            "op"),
    DUPLICATES("cdc_duplicates_total", Type.COUNTER, "events that were delivered again, and dropped", "table"),
    REJECTED("cdc_rejected_total", Type.COUNTER, "records that became dead letters", "table", "reason"),
    IGNORED(
            "cdc_ignored_total",
            Type.COUNTER,
            "records that change nothing: tombstone, heartbeat, transaction, message, schema-change, repair, superseded, where",
            "table",
            "kind"),
    NULLED("cdc_nulled_total", Type.COUNTER, "changes that were applied with a value made null by policy", "table"),
    WARNED("cdc_warned_total", Type.COUNTER, "changes that were applied although they break a rule", "table", "rule"),
    ROWS("cdc_rows", Type.GAUGE, "rows that the table has, as far as the job has read it", "table"),
    TPS("cdc_tps", Type.RATE, "changes that the source made in its last second, without snapshots", "table"),
    WINDOW(
            "cdc_window_changes",
            Type.RATE,
            "changes that the source made in the newest closed window (`1s` or `1m`); a window closes a second after its end",
            "table",
            "window"),
    LATE("cdc_late_total", Type.COUNTER, "changes that came when their second was closed; it was restated", "table"),
    FRESHNESS(
            "cdc_freshness_seconds",
            Type.LIVE,
            "how old the newest known source time is, by rows and the connector's heartbeats",
            "table"),
    HEARTBEAT("cdc_heartbeat_age_seconds", Type.LIVE, "how old the connector's newest heartbeat is", "connector"),
    ARRIVED(
            "cdc_transactions_by_<label>_total",
            Type.COUNTER,
            "rows that came to a value of the first label: created with it, or changed to it",
            "metric",
            "<label>"),
    VOLUME(
            "cdc_amount_<to>_by_<label>",
            Type.GAUGE,
            "sum of the amounts of the rows that are there",
            "metric",
            "<label>"),
    AMOUNT_SUM(
            "cdc_amount_<to>_sum", Type.GAUGE, "sum of the amounts of the rows that are there", "metric", "<labels>"),
    AMOUNT_COUNT("cdc_amount_<to>_count", Type.GAUGE, "how many rows with an amount are there", "metric", "<labels>"),
    CURRENT_AMOUNT(
            "cdc_current_amount_<to>",
            Type.GAUGE,
            "the amount of the newest change that left a row with one",
            "metric",
            "<labels>"),
    HISTOGRAM_BUCKET(
            "cdc_transaction_amount_<name>_bucket",
            Type.GAUGE,
            "rows that are there with an amount of at most `le`; `<name>` is euro for EUR",
            "metric",
            "le"),
    HISTOGRAM_SUM("cdc_transaction_amount_<name>_sum", Type.GAUGE, "sum of all amounts that are there", "metric"),
    HISTOGRAM_COUNT(
            "cdc_transaction_amount_<name>_count", Type.GAUGE, "how many rows with an amount are there", "metric"),
    UNUSABLE(
            "cdc_amount_unusable_total",
            Type.COUNTER,
            "changes that left a row without a usable amount: no-amount, not-a-number, unknown-currency",
            "metric",
            "reason"),
    UNKNOWN_CURRENCY(
            "cdc_unknown_currency_total",
            Type.COUNTER,
            "changes that left a row with a currency without rate",
            "metric",
            "currency"),
    BREAKER_OPEN(
            "cdc_breaker_open",
            Type.LIVE_STATE,
            "1 while a table's rejections are beyond `breaker.share`, where `breaker.scope` is table: the job goes on",
            "table"),
    LAKE_FILES("cdc_lake_files_total", Type.SINK, "files that were added to a table of the lake, ever", "table"),
    LAKE_COMMITS("cdc_lake_commits_total", Type.SINK, "commits to a table of the lake, ever", "table"),
    WAREHOUSE_ROWS("cdc_warehouse_rows_total", Type.SINK, "changes that were brought into a mirror, ever", "table"),
    WAREHOUSE_COMMITS(
            "cdc_warehouse_commits_total", Type.SINK, "how often a mirror was brought up to date, ever", "table"),
    WAREHOUSE_COMMIT_SECONDS(
            "cdc_warehouse_commit_seconds", Type.SINK, "how long the last transaction of a mirror took", "table"),
    WAREHOUSE_ASIDE(
            "cdc_warehouse_set_aside",
            Type.SINK,
            "1 while a mirror stands still because the warehouse refuses it for good; all others go on",
            "table"),
    SINK_WAITING(
            "cdc_sink_waiting_seconds",
            Type.SINK,
            "how long a sink has been waiting for what it cannot write to; 0 if it is not",
            "sink",
            "table"),
    AGGREGATE_AHEAD(
            "cdc_aggregate_ahead_total",
            Type.LIVE_COUNT,
            "changes whose time was more than a minute ahead, and counted as when they were written; since the job's last start",
            "table"),
    UNKNOWN_COLUMN(
            "cdc_unknown_column",
            Type.LIVE_STATE,
            "1 while a table does not have a column that the pipeline file names; the log has the nearest one",
            "table",
            "setting",
            "column"),
    TOPIC_GONE("cdc_topic_gone", Type.LIVE_STATE, "1 while a topic that the job reads is not there any more", "topic"),
    SOURCE_UP("cdc_source_up", Type.SOURCE, "whether `postgres` and `connect` answer", "component"),
    CONNECTOR_RUNNING("cdc_connector_running", Type.SOURCE, "whether a connector and its task run", "connector"),
    SLOT_ACTIVE("cdc_replication_slot_active", Type.SOURCE, "whether somebody reads a replication slot", "slot"),
    SLOT_LAG(
            "cdc_replication_slot_lag_bytes",
            Type.SOURCE,
            "how much WAL a replication slot's reader has not confirmed",
            "slot");

    /** How a metric moves, and when it is shown. */
    public enum Type {
        /** Only grows, also over failures and savepoints; shown with each checkpoint. */
        COUNTER("counter, per checkpoint"),
        /** Of the rows that are there: goes down where they change or go; shown with each checkpoint. */
        GAUGE("gauge, per checkpoint"),
        /** Shown at once, in changes; zero when nothing comes. */
        RATE("gauge, live, changes"),
        /** Shown at once, in seconds. */
        LIVE("gauge, live, seconds"),
        /** Shown at once; begins at zero with each start of the job. */
        LIVE_COUNT("counter, live"),
        /** Shown at once: 0 or 1. */
        LIVE_STATE("gauge, live"),
        /** Shown by the sink, when it has committed. */
        SINK("by the sink"),
        /** Of the source, by the demo's page or {@code check --listen}; without the label {@code pipeline}. */
        SOURCE("gauge, by the demo or `check --listen`");

        private final String words;

        Type(String words) {
            this.words = words;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    private final String template;
    private final Type type;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // made by List.of
    private final List<String> labels;

    MetricName(String template, Type type, String help, String... labels) {
        this.template = template;
        this.type = type;
        this.help = help;
        this.labels = List.of(labels);
    }

    /** The name, with the places that it has for a currency or a column. */
    public String template() {
        return template;
    }

    public Type type() {
        return type;
    }

    public String help() {
        return help;
    }

    /** Its labels; {@code <labels>} stands for columns. */
    public List<String> labels() {
        return labels;
    }

    /** The name of a metric of amounts. */
    public String of(String currency, String label) {
        String to = currency.toLowerCase(Locale.ROOT);
        return template.replace("<to>", to)
                .replace("<name>", to.equals("eur") ? "euro" : to)
                .replace("<label>", label);
    }

    /** Registers it under its own name and labels. */
    public void register(MetricGroup group, Gauge<?> gauge, String... values) {
        register(group, template, labels, List.of(values), gauge);
    }

    /** Registers a metric. Flink's reporter makes a label of each group with a key. */
    public static void register(
            MetricGroup group, String name, List<String> labels, List<String> values, Gauge<?> gauge) {
        MetricGroup labelled = group;
        for (int i = 0; i < labels.size(); i++) {
            labelled = labelled.addGroup(labels.get(i), values.get(i));
        }
        labelled.gauge(name, gauge);
    }
}
