package io.tributary.doctor;

import io.tributary.flow.MetricName;
import io.tributary.flow.Shown;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** What the job's own metrics say. */
final class JobMetricsCheck {
    private static final double STALE = 60;
    private static final double SILENT = 30;
    /** A reader that waits for an answer a while takes none for another clock. */
    private static final long CLOCK_SECONDS = 15;
    /** The reason of what stands for records that were deleted before they were read. */
    private static final String GAP = "gap";

    private static final String HALF_KEY_CHANGE = "half-key-change";

    private final String url;

    JobMetricsCheck(String url) {
        this.url = url;
    }

    void look(Findings to) {
        Metrics metrics;
        try {
            metrics = Metrics.read(List.of(url.split(",", -1)));
        } catch (IOException | IllegalArgumentException e) {
            to.wrong(
                    "no metrics at " + url + ": " + Shown.message(e),
                    "say where the TaskManagers show them: --metrics or METRICS_URL, with commas between (metrics.reporter.prom.port of their configuration)");
            return;
        }
        metrics.ahead().forEach((endpoint, seconds) -> {
            if (Math.abs(seconds) > CLOCK_SECONDS) {
                to.wrong(
                        "the clock of the process at %s is %,d s %s this machine's"
                                .formatted(endpoint, Math.abs(seconds), seconds > 0 ? "ahead of" : "behind"),
                        "set it, and let chrony or ntpd keep it: freshness and windows go by it, and an object store refuses"
                                + " requests that are 15 min off");
            }
        });
        Map<String, Double> freshness = metrics.byLabel(MetricName.FRESHNESS.template(), "table");
        if (freshness.isEmpty()) {
            to.wrong(
                    "no metric of a job at " + url,
                    "the job does not run there (check --component flink; of several TaskManagers, name all), or no record has come yet (check --component kafka)");
            return;
        }
        Map<String, Double> beats = metrics.byLabel(MetricName.HEARTBEAT.template(), "connector");
        if (beats.isEmpty()) {
            to.warning(
                    "no heartbeats: a silent connector looks like an idle table",
                    "set heartbeat.interval.ms of the connector, and add __debezium-heartbeat\\..* to source.topics");
        }
        beats.forEach((connector, age) -> {
            if (age > SILENT) {
                to.wrong(
                        "connector %s is silent: its newest heartbeat is %.0f s old".formatted(connector, age),
                        "./tributary check --component debezium says why");
            } else {
                to.ok("connector %s: heartbeat %.0f s ago".formatted(connector, age));
            }
        });
        freshness.forEach((table, age) -> {
            if (age > STALE) {
                to.wrong(
                        "what is known of %s is %.0f s old".formatted(table, age),
                        "if its connector is silent, see there; otherwise the job lags: more slots, or a higher parallelism");
            } else {
                to.ok("%s: known up to %.1f s ago".formatted(table, age));
            }
        });
        long rejected = metrics.sum(MetricName.REJECTED.template());
        if (rejected > 0) {
            to.warning(
                    "%,d records were rejected".formatted(rejected),
                    "./tributary dead-letters list --config PIPELINE.yaml has their reasons");
        }
        metrics.byLabel(MetricName.BREAKER_OPEN.template(), "table").forEach((table, open) -> {
            if (open > 0) {
                to.wrong(
                        "most records of %s are rejected, and breaker.scope is table".formatted(table),
                        "./tributary dead-letters list --config PIPELINE.yaml has their reasons");
            }
        });
        metrics.byLabel(MetricName.SINK_WAITING.template(), "table").forEach((table, seconds) -> {
            if (seconds > 0) {
                to.wrong(
                        "a sink has been waiting %.0f s to write %s".formatted(seconds, table),
                        "./tributary check --component flink says for what; it goes on by itself");
            }
        });
        metrics.byLabel(MetricName.UNKNOWN_COLUMN.template(), "setting").forEach((setting, unknown) -> {
            if (unknown > 0) {
                to.wrong(
                        "'" + setting + "' of the pipeline file names a column that its table does not have",
                        "mend the name: ./tributary validate --against-topics --config PIPELINE.yaml has the nearest one");
            }
        });
        metrics.byLabel(MetricName.TOPIC_GONE.template(), "topic").forEach((topic, gone) -> {
            if (gone > 0) {
                to.wrong(
                        "the topic " + topic + " is gone: the job has read it, and nothing more comes of it",
                        "if that was meant, take it out of source.topics and start the job again; a topic that is made anew under"
                                + " its name ends the job");
            }
        });
        Map<String, Double> byReason = metrics.sums(MetricName.REJECTED.template(), "reason");
        long gaps = byReason.getOrDefault(GAP, 0.0).longValue();
        long halves = byReason.getOrDefault(HALF_KEY_CHANGE, 0.0).longValue();
        if (halves > 0) {
            to.warning(
                    "%,d rows whose key changed were lost by a connector that was stopped between their delete and their create"
                            .formatted(halves),
                    "./tributary dead-letters list --config PIPELINE.yaml --reason half-key-change has the keys; ./tributary connectors"
                            + " snapshot TABLE brings the rows as they are now");
        }
        if (gaps > 0) {
            to.warning(
                    "%,d times Kafka had deleted records before they were read".formatted(gaps),
                    "./tributary dead-letters list --config PIPELINE.yaml --reason gap has the offsets; ./tributary connectors snapshot"
                            + " TABLE brings the rows as they are now");
        }
        metrics.byLabel(MetricName.UNKNOWN_CURRENCY.template(), "currency")
                .forEach((currency, rows) -> to.warning(
                        "%,.0f rows are in the currency %s, which has no rate: they are in no sum"
                                .formatted(rows, currency),
                        "add it to metrics.*.currency.rates, and start without the savepoint"));
    }
}
