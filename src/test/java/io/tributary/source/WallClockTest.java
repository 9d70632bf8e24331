package io.tributary.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class WallClockTest {
    private long millis = 1_800_000_000_000L;
    private long nanos = -5;

    /** In seconds: how long it took, and by how much the clock has moved meanwhile. */
    @ParameterizedTest
    @CsvSource({
        "2, 2, 0",
        "600, 600, 0",
        "2, 7202, 0", // set ahead: what waits is tried at once
        "2, -7, 0",
        "2, -8, 10",
        "2, -7198, 7200",
        "600, 0, 600", // frozen, as a restored machine has it
    })
    void onlyWhatWasSetBackIsTold(long took, long moved, long back) {
        WallClock clock = new WallClock(() -> millis, () -> nanos);
        millis += moved * 1000;
        nanos += took * 1_000_000_000;

        assertThat(clock.setBack()).isEqualTo(back * 1000);
        assertThat(clock.setBack()).as("told once").isZero();
    }
}
