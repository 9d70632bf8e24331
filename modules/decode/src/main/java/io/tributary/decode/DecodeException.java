package io.tributary.decode;

import io.tributary.change.Printable;

/**
 * Ends the decoding of one record; {@link Decoder} turns it into a rejection. Without a stack trace: bad data is expected,
 * and may come a million times.
 */
sealed class DecodeException extends RuntimeException permits OutOfRangeException {
    private static final int SHOWN = 120;

    private final Reason reason;

    DecodeException(Reason reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    /** A value as a message can show it. */
    static String shown(String value) {
        return value.length() <= SHOWN
                ? "'" + Printable.of(value) + "'"
                : "'" + Printable.of(value.substring(0, SHOWN)) + "'… (" + value.length() + " characters)";
    }
}
