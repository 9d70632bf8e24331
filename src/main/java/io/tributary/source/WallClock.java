package io.tributary.source;

import java.util.function.LongSupplier;

/**
 * Tells whether the machine's wall clock was set back. Kafka's clients go by it: what they may do again after a moment they do not do before the clock
 * is where it was, whether that takes hours, and say nothing.
 */
final class WallClock {
    /** What they just wait for. */
    private static final long LEAST_MILLIS = 10_000;

    private static final long MILLI_NANOS = 1_000_000;

    private final LongSupplier millis;
    private final LongSupplier nanos;
    private long lastMillis;
    private long lastNanos;

    WallClock() {
        this(System::currentTimeMillis, System::nanoTime);
    }

    /** @param nanos of a clock that nobody sets */
    WallClock(LongSupplier millis, LongSupplier nanos) {
        this.millis = millis;
        this.nanos = nanos;
        this.lastMillis = millis.getAsLong();
        this.lastNanos = nanos.getAsLong();
    }

    /** By how many milliseconds it was set back since the last call; 0 if by less than ten seconds. */
    long setBack() {
        long now = millis.getAsLong();
        long steady = nanos.getAsLong();
        long back = (steady - lastNanos) / MILLI_NANOS - (now - lastMillis);
        lastMillis = now;
        lastNanos = steady;
        return back < LEAST_MILLIS ? 0 : back;
    }
}
