package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

@Pure
class OutageTest {
    private final Outage.Waiting waiting = new Outage.Waiting("t");
    private final AtomicInteger attempts = new AtomicInteger();
    private final AtomicInteger resets = new AtomicInteger();

    @Test
    void triesUntilItIsDoneAndTellsHowLongItHasWaited() throws Exception {
        List<Double> waited = new ArrayList<>();
        try (Outage outage = new Outage()) {
            String result = outage.until("write", waiting, resets::incrementAndGet, () -> {
                waited.add(waiting.getValue());
                if (attempts.incrementAndGet() < 3) {
                    throw new IOException("away");
                }
                return "done";
            });
            assertThat(result).isEqualTo("done");
        }
        assertThat(resets).hasValue(2);
        assertThat(waited.get(0)).isZero();
        assertThat(waited.get(1)).isGreaterThanOrEqualTo(0.1);
        assertThat(waited.get(2)).isGreaterThanOrEqualTo(0.3);
        assertThat(waiting.getValue()).isZero();
    }

    @Test
    void aConflictIsNotTriedAgain() {
        ConflictException conflict = new ConflictException("as it is") {};
        try (Outage outage = new Outage()) {
            assertThatThrownBy(() -> outage.until("write", waiting, resets::incrementAndGet, () -> {
                        attempts.incrementAndGet();
                        throw conflict;
                    }))
                    .isSameAs(conflict);
        }
        assertThat(attempts).hasValue(1);
        assertThat(resets).hasValue(1);
    }

    @Test
    void aFailureWhileItClosesIsTheEnd() {
        try (Outage outage = new Outage()) {
            assertThatThrownBy(() -> outage.until("write", waiting, resets::incrementAndGet, () -> {
                        attempts.incrementAndGet();
                        outage.close();
                        throw new IllegalStateException("an interrupt, wrapped");
                    }))
                    .isInstanceOf(InterruptedException.class);
        }
        assertThat(attempts).hasValue(1);
    }
}
