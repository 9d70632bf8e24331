package io.tributary.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Harness;
import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import io.tributary.flow.ShownMetrics;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** The operator, and what a reporter would show of it. */
@Harness
class MetricsOperatorTest {
    private ShownMetrics shown = new ShownMetrics();

    private OneInputStreamOperatorTestHarness<Measure, Measure> harness(MetricSettings... settings) throws Exception {
        shown = new ShownMetrics();
        return new OneInputStreamOperatorTestHarness<>(new MetricsOperator(List.of(settings)), shown.environment());
    }

    private static void send(OneInputStreamOperatorTestHarness<Measure, Measure> harness, Change... changes)
            throws Exception {
        MeasureOperator measure = new MeasureOperator(List.of(Payment.metric(10)));
        try (var measuring = new OneInputStreamOperatorTestHarness<>(measure)) {
            measuring.open();
            for (Change change : changes) {
                measuring.processElement(new StreamRecord<>(change));
            }
            measuring.prepareSnapshotPreBarrier(1);
            for (Measure told : measuring.extractOutputValues()) {
                harness.processElement(new StreamRecord<>(told));
            }
        }
    }

    private static Change created(String amount, String country, String city) {
        return Payment.change(Operation.CREATE, null, new Payment(amount, "EUR", country, city));
    }

    private Map<String, String> values() {
        return shown.values();
    }

    @Test
    void totalsAreShownWhenTheirCheckpointIsComplete() throws Exception {
        try (var harness = harness(Payment.metric(10))) {
            harness.open();
            send(harness, created("12.50", "NO", "Oslo"), created("200", "NO", "Bergen"));
            harness.snapshot(1, 1);
            send(harness, created("1", "NO", "Oslo"));
            assertThat(values()).containsEntry("cdc_transaction_amount_euro_count{metric=payments}", "0");

            harness.notifyOfCompletedCheckpoint(1);
            assertThat(values())
                    .containsExactlyInAnyOrderEntriesOf(Map.ofEntries(
                            Map.entry("cdc_transaction_amount_euro_bucket{le=10, metric=payments}", "0"),
                            Map.entry("cdc_transaction_amount_euro_bucket{le=100, metric=payments}", "1"),
                            Map.entry("cdc_transaction_amount_euro_bucket{le=+Inf, metric=payments}", "2"),
                            Map.entry("cdc_transaction_amount_euro_count{metric=payments}", "2"),
                            Map.entry("cdc_transaction_amount_euro_sum{metric=payments}", "212.5"),
                            Map.entry("cdc_transactions_by_country_total{country=NO, metric=payments}", "2"),
                            Map.entry("cdc_amount_eur_by_country{country=NO, metric=payments}", "212.5"),
                            Map.entry("cdc_amount_eur_sum{city=Oslo, metric=payments}", "12.5"),
                            Map.entry("cdc_amount_eur_count{city=Oslo, metric=payments}", "1"),
                            Map.entry("cdc_current_amount_eur{city=Oslo, metric=payments}", "12.5"),
                            Map.entry("cdc_amount_eur_sum{city=Bergen, metric=payments}", "200"),
                            Map.entry("cdc_amount_eur_count{city=Bergen, metric=payments}", "1"),
                            Map.entry("cdc_current_amount_eur{city=Bergen, metric=payments}", "200")));
        }
    }

    @Test
    void aCheckpointThatFailedShowsNothingAndALaterOneShowsAll() throws Exception {
        try (var harness = harness(Payment.metric(10))) {
            harness.open();
            send(harness, created("1", "NO", "Oslo"));
            harness.snapshot(1, 1);
            send(harness, created("2", "NO", "Oslo"));
            harness.snapshot(2, 2);
            harness.notifyOfCompletedCheckpoint(2);
            assertThat(values()).containsEntry("cdc_amount_eur_sum{city=Oslo, metric=payments}", "3");
        }
    }

    @Test
    void aRestoredJobGoesOnFromItsCheckpointAtOnce() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = harness(Payment.metric(10))) {
            harness.open();
            send(
                    harness,
                    created("1.10", "NO", "Oslo"),
                    Payment.change(Operation.CREATE, null, new Payment("5", "XXX", "NO", "Oslo")));
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness(Payment.metric(10))) {
            harness.initializeState(checkpoint);
            harness.open();
            assertThat(values())
                    .containsEntry("cdc_amount_eur_sum{city=Oslo, metric=payments}", "1.1")
                    .containsEntry("cdc_unknown_currency_total{currency=XXX, metric=payments}", "1")
                    .containsEntry("cdc_amount_unusable_total{metric=payments, reason=unknown-currency}", "1");
            send(harness, created("1", "NO", "Oslo"));
            harness.snapshot(2, 2);
            harness.notifyOfCompletedCheckpoint(2);
            assertThat(values()).containsEntry("cdc_amount_eur_sum{city=Oslo, metric=payments}", "2.1");
        }
    }

    @Test
    void ratesAndFreshnessAreShownBeforeAnyCheckpoint() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.setProcessingTime(61_900);
            for (long slot = 60_000; slot < 62_000; slot += Beats.SLOT) {
                harness.processElement(new StreamRecord<>(new Measure(
                        new Measure.Name(Kind.CHANGES, "shop.payments", List.of("cdc.shop.payments")),
                        5,
                        BigDecimal.ZERO,
                        slot,
                        0)));
            }
            harness.processElement(new StreamRecord<>(new Measure(
                    new Measure.Name(Kind.NEWEST, "shop.payments", List.of("cdc.shop.payments")),
                    0,
                    BigDecimal.ZERO,
                    System.currentTimeMillis() - 60_000,
                    0)));
            harness.setProcessingTime(62_000);
            assertThat(values()).containsEntry("cdc_tps{table=shop.payments}", "50");
            assertThat(freshness()).isBetween(60.0, 90.0);

            harness.processElement(new StreamRecord<>(new Measure(
                    new Measure.Name(Kind.HEARTBEAT, "cdc", List.of()),
                    0,
                    BigDecimal.ZERO,
                    System.currentTimeMillis(),
                    0)));
            harness.setProcessingTime(62_200);
            assertThat(freshness())
                    .as("an idle table of a connector that is alive")
                    .isLessThan(30);
            assertThat(values()).containsKey("cdc_heartbeat_age_seconds{connector=cdc}");

            harness.setProcessingTime(66_000);
            assertThat(values())
                    .containsEntry("cdc_tps{table=shop.payments}", "0")
                    .doesNotContainKey("cdc_late_total{table=shop.payments}");
            harness.snapshot(1, 1);
            harness.notifyOfCompletedCheckpoint(1);
            assertThat(values()).containsEntry("cdc_late_total{table=shop.payments}", "0");
        }
    }

    private double freshness() {
        return Double.parseDouble(values().getOrDefault("cdc_freshness_seconds{table=shop.payments}", "NaN"));
    }

    @Test
    void aMetricWhoseRowsHaveGoneByIsRefused() throws Exception {
        OperatorSubtaskState none;
        try (var harness = harness()) {
            harness.open();
            none = harness.snapshot(1, 1);
        }
        try (var harness = harness(Payment.metric(10))) {
            assertThatThrownBy(() -> harness.initializeState(none))
                    .hasRootCauseMessage(
                            "'metrics.payments' is not in the savepoint: its sums would lack the rows from before."
                                    + " Take the metric out or back as it was, or start without the savepoint: the topics are read"
                                    + " again, and the sinks know what they have.");
        }
    }

    @Test
    void aMetricThatIsDefinedAnewIsRefusedAndOneThatIsNoMoreIsForgotten() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = harness(Payment.metric(10))) {
            harness.open();
            send(harness, created("1", "NO", "Oslo"));
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness(Payment.metric(11))) {
            assertThatThrownBy(() -> harness.initializeState(checkpoint))
                    .rootCause()
                    .hasMessageContaining("'metrics.payments' was")
                    .hasMessageContaining("label-limit 10")
                    .hasMessageContaining("label-limit 11");
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            assertThat(values().keySet()).noneMatch(name -> name.contains("payments}"));
        }
    }
}
