package io.tributary.local;

import java.time.Duration;

/**
 * When changes are due at a steady rate: some at every tick at a high rate, one at a time at a low one. What is missed for more than a second
 * is not made up for.
 */
final class Pace {
    private static final Duration TICK = Duration.ofMillis(20);
    private static final int LARGEST_TRANSACTION = 1_000;

    private final double perNano;
    private final Duration between;
    private long origin;
    private long done;

    Pace(int rate) {
        if (rate < 1) {
            throw new IllegalArgumentException("the generator's rate must be at least 1, got " + rate);
        }
        perNano = rate / 1e9;
        Duration one = Duration.ofSeconds(1).dividedBy(rate);
        between = one.compareTo(TICK) > 0 ? one : TICK;
        origin = System.nanoTime();
    }

    /** Starts counting anew, from now. */
    void restart() {
        origin = System.nanoTime();
        done = 0;
    }

    /** How many changes the next transaction should make; 0 or more. */
    int due() {
        return (int) Math.min(LARGEST_TRANSACTION, behind());
    }

    void done(int changes) {
        done += changes;
        if (behind() > perNano * 1e9) {
            restart();
        }
    }

    /** How long to wait: not at all if a full transaction is due, else for the rest of the present tick. */
    Duration untilNext() {
        if (behind() >= LARGEST_TRANSACTION) {
            return Duration.ZERO;
        }
        long elapsed = System.nanoTime() - origin;
        return Duration.ofNanos(between.toNanos() - elapsed % between.toNanos());
    }

    private long behind() {
        return (long) ((System.nanoTime() - origin) * perNano) - done;
    }
}
