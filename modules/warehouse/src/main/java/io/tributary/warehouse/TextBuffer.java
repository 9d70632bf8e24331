package io.tributary.warehouse;

import io.tributary.change.ValueText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow, and how many rows they are. */
final class TextBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /** How many bytes a whole number may have. */
    static final int LONGEST_NUMBER = 20;

    /** How many bytes a change's place may have. */
    static final int LONGEST_POSITION = 3 * LONGEST_NUMBER + 2;

    private static final int SMALL = 4 << 10;
    private static final int LARGE = 256 << 10;

    byte[] bytes = new byte[SMALL];
    /** How many there are. */
    int position;

    int rows;
    /** How many values became nothing, or something close, because the warehouse cannot hold them. */
    long unholdable;

    /** Makes room. */
    void ensure(int more) {
        if (position + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, position + more));
        }
    }

    // ---- into what room there is

    void put(char ascii) {
        bytes[position++] = (byte) ascii;
    }

    void put(byte[] all) {
        System.arraycopy(all, 0, bytes, position, all.length);
        position += all.length;
    }

    @SuppressWarnings("deprecation") // the bytes of ASCII are its characters
    void put(String ascii) {
        ascii.getBytes(0, ascii.length(), bytes, position);
        position += ascii.length();
    }

    /** A whole number, of at most {@link #LONGEST_NUMBER} bytes. */
    void digits(long value) {
        if (value == Long.MIN_VALUE) {
            put(Long.toString(value));
            return;
        }
        long rest = Math.abs(value);
        if (value < 0) {
            put('-');
        }
        int digits = 1;
        for (long power = 10; digits < 19 && rest >= power; power *= 10) {
            digits++;
        }
        int first = position;
        for (int at = first + digits - 1; at >= first; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        position = first + digits;
    }

    /** A change's place: partition, offset and the source's sequence, of at most {@link #LONGEST_POSITION} bytes. */
    void position(int partition, long offset, long sequence) {
        digits(partition);
        put(':');
        digits(offset);
        put(':');
        digits(sequence);
    }

    /** A moment of at most {@link ValueText#LONGEST_MOMENT} bytes. */
    void moment(long micros) {
        position = ValueText.moment(bytes, position, micros);
    }

    void hex(byte b) {
        bytes[position++] = HEX[(b >> 4) & 15];
        bytes[position++] = HEX[b & 15];
    }

    void clear() {
        rows = 0;
        unholdable = 0;
        position = 0;
        bytes = bytes.length > LARGE ? new byte[SMALL] : bytes; // a thousand tables have one each
    }
}
