package io.tributary.decode;

/** JSON's escapes in strings. */
final class Escapes {
    private Escapes() {}

    /**
     * Writes what a string with escapes stands for.
     *
     * @param from where its content begins, and {@code to} ends; an escape is never shorter than what it stands for
     * @return how many bytes were written
     */
    static int unescape(byte[] bytes, int from, int to, byte[] scratch) {
        int out = 0;
        for (int p = from; p < to; p++) {
            byte b = bytes[p];
            if (b != '\\') {
                scratch[out++] = b;
                continue;
            }
            p++;
            switch (p < to ? bytes[p] : 0) {
                case '"', '\\', '/' -> scratch[out++] = bytes[p];
                case 'b' -> scratch[out++] = '\b';
                case 'f' -> scratch[out++] = '\f';
                case 'n' -> scratch[out++] = '\n';
                case 'r' -> scratch[out++] = '\r';
                case 't' -> scratch[out++] = '\t';
                case 'u' -> {
                    int c = hex4(bytes, p + 1, to);
                    p += 4;
                    if (Character.isHighSurrogate((char) c)
                            && p + 2 < to
                            && bytes[p + 1] == '\\'
                            && bytes[p + 2] == 'u') {
                        int low = hex4(bytes, p + 3, to);
                        if (Character.isLowSurrogate((char) low)) {
                            c = Character.toCodePoint((char) c, (char) low);
                            p += 6;
                        }
                    }
                    if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                        throw new DecodeException(Reason.NOT_JSON, "half a surrogate pair at byte " + p);
                    }
                    out = Utf8.append(scratch, out, c);
                }
                default -> throw new DecodeException(Reason.NOT_JSON, "no such escape in the string at byte " + p);
            }
        }
        return out;
    }

    private static int hex4(byte[] bytes, int at, int end) {
        int value = 0;
        for (int i = at; i < at + 4; i++) {
            int digit = i < end ? Character.digit(bytes[i], 16) : -1;
            if (digit < 0) {
                throw new DecodeException(Reason.NOT_JSON, "no four hexadecimal digits at byte " + at);
            }
            value = value << 4 | digit;
        }
        return value;
    }
}
