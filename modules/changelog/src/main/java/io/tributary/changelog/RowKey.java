package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Slice;
import java.security.SecureRandom;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a row's key. Whoever chooses keys must not make a map slow: their hash is another in each process, and a map that holds many
 * of one hash finds them by their order.
 */
public final class RowKey implements Comparable<RowKey> {
    private static final long SEED;
    private static final long FACTOR;

    static {
        SecureRandom random = new SecureRandom();
        SEED = random.nextLong();
        FACTOR = random.nextLong();
    }

    private byte[] bytes;
    private int offset;
    private int length;
    private int hash;

    public RowKey(byte[] bytes) {
        this.bytes = bytes;
        this.length = bytes.length;
        this.hash = hash();
    }

    /** Points at other bytes: only for an instance that is in no collection. */
    void set(Slice key) {
        bytes = key.bytes();
        offset = key.offset();
        length = key.length();
        hash = hash();
    }

    /** A key of its own bytes. */
    RowKey copy() {
        return new RowKey(Arrays.copyOfRange(bytes, offset, offset + length));
    }

    byte[] toBytes() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** A sum of powers, as Java's own, has keys that collide whatever its factor is. */
    private int hash() {
        long h = SEED ^ length;
        int end = offset + length;
        int at = offset;
        for (; at + Long.BYTES <= end; at += Long.BYTES) {
            h = mixed(h, Bytes.getLong(bytes, at));
        }
        long rest = 0;
        for (; at < end; at++) {
            rest = rest << 8 | bytes[at] & 0xff;
        }
        h = mixed(h, rest);
        return (int) (h ^ h >>> 32);
    }

    private static long mixed(long h, long word) {
        long one = h ^ SEED;
        long other = word ^ FACTOR;
        return one * other ^ Math.multiplyHigh(one, other);
    }

    @Override
    public int compareTo(RowKey that) {
        return Arrays.compare(bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RowKey that
                && hash == that.hash
                && Arrays.equals(bytes, offset, offset + length, that.bytes, that.offset, that.offset + that.length);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
