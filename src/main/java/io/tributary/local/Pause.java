package io.tributary.local;

import java.io.InterruptedIOException;
import java.time.Duration;

/** A pause between two looks at something that can only be polled. */
final class Pause {
    private Pause() {}

    /**
     * Waits that long.
     *
     * @throws InterruptedIOException if interrupted; the thread stays marked so
     */
    static void of(Duration length) throws InterruptedIOException {
        try {
            Thread.sleep(length.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting");
        }
    }
}
