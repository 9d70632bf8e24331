package io.tributary.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Doors;
import io.tributary.Harness;
import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.flow.Measure;
import io.tributary.flow.ShownMetrics;
import java.util.List;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A metric that nothing of ours knows of is wired by its provider alone. */
@Harness
class MeterTest {
    private static final String OSLO = "cdc_payments_by_city{city=Oslo}";
    private static final String ROME = "cdc_payments_by_city{city=Rome}";
    private ShownMetrics shown = new ShownMetrics();

    private static Payment in(String city) {
        return new Payment("1", "EUR", "NO", city);
    }

    private static Change change(Operation operation, @Nullable Payment before, @Nullable Payment after) {
        return Payment.change(operation, before, after);
    }

    private OneInputStreamOperatorTestHarness<Measure, Measure> metrics(@Nullable OperatorSubtaskState from) {
        shown = new ShownMetrics();
        return Doors.with("doors-meter", () -> {
            try {
                var harness =
                        new OneInputStreamOperatorTestHarness<>(new MetricsOperator(List.of()), shown.environment());
                if (from != null) {
                    harness.initializeState(from);
                }
                harness.open();
                return harness;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void send(OneInputStreamOperatorTestHarness<Measure, Measure> harness, Change... changes)
            throws Exception {
        var measuring = Doors.with("doors-meter", () -> {
            try {
                var opened = new OneInputStreamOperatorTestHarness<>(new MeasureOperator(List.of()));
                opened.open();
                return opened;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        try (measuring) {
            for (Change change : changes) {
                measuring.processElement(new StreamRecord<>(change));
            }
            measuring.prepareSnapshotPreBarrier(1);
            for (Measure told : measuring.extractOutputValues()) {
                harness.processElement(new StreamRecord<>(told));
            }
        }
    }

    @Test
    void itsCountsAreShownWithEachCheckpointAndGoOnAfterARestore() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = metrics(null)) {
            Change late = change(Operation.CREATE, null, in("Oslo"));
            late.late = true;
            send(
                    harness,
                    change(Operation.CREATE, null, in("Oslo")),
                    change(Operation.CREATE, null, in("Oslo")),
                    change(Operation.UPDATE, in("Oslo"), in("Rome")),
                    late);
            checkpoint = harness.snapshot(1, 1);
            harness.notifyOfCompletedCheckpoint(1);
            assertThat(shown.values()).containsEntry(OSLO, "1").containsEntry(ROME, "1");
        }
        try (var harness = metrics(checkpoint)) {
            send(harness, change(Operation.DELETE, in("Oslo"), null));
            harness.snapshot(2, 2);
            harness.notifyOfCompletedCheckpoint(2);
            assertThat(shown.values()).containsEntry(OSLO, "0").containsEntry(ROME, "1");
        }
    }

    @Test
    void aSavepointThatDoesNotKnowItIsRefused() throws Exception {
        OperatorSubtaskState before;
        try (var harness =
                new OneInputStreamOperatorTestHarness<>(new MetricsOperator(List.of()), shown.environment())) {
            harness.open();
            before = harness.snapshot(1, 1);
        }
        assertThatThrownBy(() -> metrics(before))
                .rootCause()
                .hasMessageStartingWith("the meter cdc_payments_by_city is not in the savepoint");
    }
}
