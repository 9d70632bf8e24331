package io.tributary.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Harness;
import io.tributary.flow.ShownMetrics;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.throwable.ThrowableClassifier;
import org.apache.flink.runtime.throwable.ThrowableType;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@Harness
class AccountOperatorTest {
    private static final BreakerLimits LIMITS = limits(BreakerLimits.Scope.JOB);

    private static BreakerLimits limits(BreakerLimits.Scope scope) {
        return new BreakerLimits(0.5, Duration.ofSeconds(10), 100, scope);
    }

    private static OneInputStreamOperatorTestHarness<Tally, Tally> harness() throws Exception {
        return new OneInputStreamOperatorTestHarness<>(new AccountOperator(LIMITS));
    }

    private static void send(OneInputStreamOperatorTestHarness<Tally, Tally> harness, Counter counter, long count)
            throws Exception {
        harness.processElement(new StreamRecord<>(new Tally("public.t", counter, "", count)));
    }

    private static Account account(OneInputStreamOperatorTestHarness<Tally, Tally> harness) {
        var accumulators = harness.getEnvironment().getAccumulatorRegistry().getUserMap();
        return (Account) Objects.requireNonNull(accumulators.get(AccountAccumulator.NAME))
                .getLocalValue();
    }

    @Test
    void rejectionsEndTheJobForGoodWithoutACheckpoint() throws Exception {
        try (var harness = harness()) {
            harness.open();
            send(harness, Counter.READ, 100);
            send(harness, Counter.REJECTED, 60);
            harness.setProcessingTime(500);

            assertThatThrownBy(() -> harness.setProcessingTime(1000)).satisfies(thrown -> {
                Optional<Throwable> forGood =
                        ThrowableClassifier.findThrowableOfThrowableType(thrown, ThrowableType.NonRecoverableError);
                assertThat(forGood).get().isInstanceOf(BreakerException.class);
                assertThat(forGood.orElseThrow()).hasMessageEndingWith("; the job stops before it drains the topic");
            });
        }
    }

    @Test
    void aTableIsNamedAloneAndNoLongerWhenItsRecordsAreRightAgain() throws Exception {
        ShownMetrics shown = new ShownMetrics();
        try (var harness = new OneInputStreamOperatorTestHarness<>(
                new AccountOperator(limits(BreakerLimits.Scope.TABLE)), shown.environment())) {
            harness.open();
            send(harness, Counter.READ, 100);
            send(harness, Counter.REJECTED, 60);
            harness.setProcessingTime(500);
            assertThat(shown.values()).doesNotContainKey("cdc_breaker_open{table=public.t}");
            harness.setProcessingTime(1000);
            assertThat(shown.values()).containsEntry("cdc_breaker_open{table=public.t}", "1");

            send(harness, Counter.READ, 100); // the share is 0.3
            harness.setProcessingTime(1500);
            assertThat(shown.values()).containsEntry("cdc_breaker_open{table=public.t}", "0");

            send(harness, Counter.REJECTED, 60);
            harness.setProcessingTime(2000);
            harness.setProcessingTime(2500);
            assertThat(shown.values()).containsEntry("cdc_breaker_open{table=public.t}", "1");
        }
    }

    @Test
    void theEndOfAllInputIsJudgedToo() throws Exception {
        try (var harness = harness()) {
            harness.open();
            send(harness, Counter.READ, 100);
            send(harness, Counter.REJECTED, 60);

            assertThatThrownBy(harness::endInput).isInstanceOf(BreakerException.class);
        }
    }

    @Test
    void aRestoredJobKeepsItsTotalsAndBeginsWithAnEmptyWindow() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = harness()) {
            harness.open();
            send(harness, Counter.READ, 90);
            send(harness, Counter.REJECTED, 90);
            send(harness, Counter.READ, 2);
            snapshot = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(snapshot);
            harness.open();
            send(harness, Counter.READ, 50);
            send(harness, Counter.REJECTED, 10);
            harness.setProcessingTime(500);
            harness.setProcessingTime(1000);
            harness.endInput();

            assertThat(account(harness).total(Counter.READ)).isEqualTo(142);
            assertThat(account(harness).total(Counter.REJECTED)).isEqualTo(100);
        }
    }

    @Test
    void totalsArePublishedWhenTheirCheckpointIsComplete() throws Exception {
        try (var harness = harness()) {
            harness.open();
            send(harness, Counter.READ, 1);
            harness.snapshot(1, 1);
            send(harness, Counter.READ, 1);
            assertThat(account(harness).total(Counter.READ)).isZero();
            harness.notifyOfCompletedCheckpoint(1);
            assertThat(account(harness).total(Counter.READ)).isEqualTo(1);
        }
    }
}
