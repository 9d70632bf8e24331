package io.tributary.change;

import java.util.Arrays;

/** A range of somebody else's bytes, or nothing. Reused from record to record: copy what must outlive the call. */
public final class Slice {
    private static final byte[] EMPTY = {};

    private byte[] bytes = EMPTY;
    private int offset;
    private int length = -1;

    public void set(byte[] bytes, int offset, int length) {
        if (this.bytes != bytes) { // a reference stored in an old object costs a memory fence
            this.bytes = bytes;
        }
        this.offset = offset;
        this.length = length;
    }

    public void set(byte[] bytes) {
        set(bytes, 0, bytes.length);
    }

    /** Makes this the same range. */
    public void set(Slice other) {
        set(other.bytes, other.offset, other.length);
    }

    public void clear() {
        offset = 0;
        length = -1;
    }

    public boolean isPresent() {
        return length >= 0;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int offset() {
        return offset;
    }

    /** The number of bytes, or -1 when there is nothing. */
    public int length() {
        return length;
    }

    public byte[] copy() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }
}
