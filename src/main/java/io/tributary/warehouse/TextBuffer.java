package io.tributary.warehouse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow, and how many rows they are. */
final class TextBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
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
