package io.tributary.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import org.junit.jupiter.api.Test;

/** Times are milliseconds; the source's clock is ten seconds behind ours. */
@Pure
class WindowsTest {
    private static final long BEHIND = 10_000;

    private final Windows windows = new Windows("public.t");

    /** Ten changes a slot, told every two slots. */
    private void steady(long from, long to) {
        for (long slot = from; slot < to; slot += Beats.SLOT) {
            windows.add(slot, 10, slot - slot % 200 + 200 + BEHIND);
        }
    }

    @Test
    void theRateIsThatOfTheLastFullSecond() {
        steady(60_000, 65_000);

        assertThat(windows.rate(65_000 + BEHIND)).isEqualTo(100);
        assertThat(windows.rate(65_190 + BEHIND)).isEqualTo(100);
    }

    @Test
    void aLonelyChangeIsSeenAtOnceAndGone() {
        windows.add(60_000, 1, 60_150 + BEHIND);

        assertThat(windows.rate(60_150 + BEHIND)).isEqualTo(1);
        assertThat(windows.rate(61_000 + BEHIND)).isEqualTo(1);
        assertThat(windows.rate(61_700 + BEHIND)).isZero();
    }

    @Test
    void theRateFallsToZeroWhileNothingComes() {
        steady(60_000, 65_000);

        assertThat(windows.rate(66_000 + BEHIND)).isBetween(1L, 99L);
        assertThat(windows.rate(67_000 + BEHIND)).isZero();
    }

    @Test
    void aWindowIsClosedASecondAfterItsEnd() {
        steady(60_000, 62_000);
        windows.add(62_000, 3, 62_100 + BEHIND);
        windows.close(62_100 + BEHIND);
        assertThat(windows.closedWindow(1000)).isEqualTo(100);

        windows.close(63_900 + BEHIND); // nothing comes: our clock goes on
        assertThat(windows.closedWindow(1000)).isEqualTo(100);
        windows.close(64_100 + BEHIND);
        assertThat(windows.closedWindow(1000)).isEqualTo(3);
        windows.close(65_200 + BEHIND);
        assertThat(windows.closedWindow(1000)).isZero();
    }

    @Test
    void theMinuteIsTheOneBefore() {
        steady(60_000, 120_000);
        steady(120_000, 121_500);
        windows.close(121_500 + BEHIND);

        assertThat(windows.closedWindow(60_000)).isEqualTo(6000);
    }

    @Test
    void aLateChangeIsCountedAndItsWindowRestated() {
        steady(60_000, 63_000);
        windows.close(63_100 + BEHIND);
        assertThat(windows.late()).isZero();

        windows.add(61_500, 7, 63_100 + BEHIND);
        windows.add(62_500, 1, 63_100 + BEHIND); // its window is still open

        assertThat(windows.late()).isEqualTo(7);
        assertThat(windows.closedWindow(1000)).isEqualTo(107);
        assertThat(windows.rate(63_100 + BEHIND)).isEqualTo(101);
    }

    @Test
    void whatACheckpointKeepsIsWhatItWas() {
        steady(60_000, 125_000);
        windows.close(125_000 + BEHIND);
        windows.add(61_000, 5, 125_000 + BEHIND);
        Windows restored = new Windows("public.t");
        windows.store(restored::restore);
        restored.add(64_000, 2, 125_000 + BEHIND);
        restored.close(125_000 + BEHIND);

        assertThat(restored.late()).isEqualTo(7);
        assertThat(restored.closedWindow(1000)).isEqualTo(100);
        assertThat(restored.closedWindow(60_000)).isEqualTo(6007);
    }

    @Test
    void whatOneTaskTellsAfterAnotherIsNotLateWhileTheJobCatchesUp() {
        long start = 1_000_000;
        for (int i = 0; i < 20; i++) { // each tells ten seconds of the source's time in 200 ms
            long now = start + i * 200L;
            for (long slot = i * 10_000L; slot < i * 10_000L + 10_000; slot += Beats.SLOT) {
                windows.add(600_000 + slot, 1, now);
            }
            windows.close(now + 50);
            for (long slot = i * 10_000L; slot < i * 10_000L + 10_000; slot += Beats.SLOT) {
                windows.add(600_000 + slot, 1, now + 100);
            }
            windows.close(now + 150);
        }
        assertThat(windows.late()).isZero();

        for (int i = 0; i < 30; i++) { // caught up
            windows.add(800_000 + i * 100L, 2, start + 4_000 + i * 100L);
            windows.close(start + 4_000 + i * 100L);
        }
        windows.add(790_000, 1, start + 7_000);
        assertThat(windows.late()).isEqualTo(1);
        assertThat(windows.closedWindow(1000)).isEqualTo(20);
    }

    @Test
    void aTimeFarAheadCountsAsNow() {
        windows.add(100_000, 5, 100_000);
        windows.add(4_000_000, 7, 100_150);
        windows.add(100_200, 1, 100_250);
        windows.close(100_250);

        assertThat(windows.rate(100_250)).isEqualTo(13);
        assertThat(windows.late()).isZero();
    }

    @Test
    void theClockStandsUntilTheSourceHasStartedAgain() {
        steady(60_000, 63_000);
        windows.close(63_000 + BEHIND);
        Windows restored = new Windows("public.t");
        windows.store(restored::restore);
        long later = 600_000;
        restored.close(later);
        restored.close(later + 8_000); // still starting
        restored.add(63_000, 10, later + 9_000);
        restored.close(later + 9_000);
        assertThat(restored.late()).isZero();
    }

    @Test
    void onlySoManyWindowsAreKept() {
        steady(0, 600_000);
        windows.close(600_000 + BEHIND);
        long[] kept = {0};
        windows.store(measure -> kept[0]++);
        windows.add(1_000, 1, 600_000 + BEHIND); // of a window that is gone

        assertThat(kept[0]).isEqualTo(300 + 10 + 1);
        assertThat(windows.late()).isEqualTo(1);
    }
}
