package io.tributary.changelog;

import io.tributary.change.Bytes;
import java.util.Arrays;

/**
 * A stored row that follows what the source has of a key whose change was rejected. Behind it stands that change's offset, and in
 * the lowest bit whether it is the only one: whether the source had, before it, what the sinks have.
 */
final class Shadow {
    /** The offset where an earlier version did not keep it. */
    static final long NOWHERE = -1;

    private Shadow() {}

    static byte[] of(byte[] stored, long offset, boolean only) {
        byte[] shadow = Arrays.copyOf(stored, stored.length + Long.BYTES);
        Bytes.putLong(shadow, stored.length, offset << 1 | (only ? 1 : 0));
        return shadow;
    }

    /** Another row behind which the same stands. */
    static byte[] of(byte[] row, byte[] shadow) {
        return of(row, offset(shadow), isOnly(shadow));
    }

    /** The offset of the newest rejected change, in the partition that the stored row names. */
    static long offset(byte[] shadow) {
        return mark(shadow) >> 1;
    }

    static boolean isOnly(byte[] shadow) {
        return (mark(shadow) & 1) != 0;
    }

    private static long mark(byte[] shadow) {
        return Bytes.getLong(shadow, shadow.length - Long.BYTES);
    }
}
