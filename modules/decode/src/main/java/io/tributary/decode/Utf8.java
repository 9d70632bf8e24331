package io.tributary.decode;

/** UTF-8 (RFC 3629), checked: no overlong forms, no surrogates, nothing past U+10FFFF. */
final class Utf8 {
    private Utf8() {}

    static boolean isValid(byte[] bytes, int from, int to) {
        int p = from;
        while (p < to) {
            int b = bytes[p++];
            if (b >= 0) {
                continue;
            }
            int lead = b & 0xff;
            int more;
            int low = 0x80;
            int high = 0xbf;
            if (lead >= 0xc2 && lead <= 0xdf) {
                more = 1;
            } else if (lead >= 0xe0 && lead <= 0xef) {
                more = 2;
                low = lead == 0xe0 ? 0xa0 : low;
                high = lead == 0xed ? 0x9f : high;
            } else if (lead >= 0xf0 && lead <= 0xf4) {
                more = 3;
                low = lead == 0xf0 ? 0x90 : low;
                high = lead == 0xf4 ? 0x8f : high;
            } else {
                return false;
            }
            if (p + more > to) {
                return false;
            }
            for (int i = 0; i < more; i++) {
                int next = bytes[p++] & 0xff;
                if (next < low || next > high) {
                    return false;
                }
                low = 0x80;
                high = 0xbf;
            }
        }
        return true;
    }

    /** Writes a code point that is no surrogate and returns the place after it. */
    static int append(byte[] out, int at, int codePoint) {
        int p = at;
        if (codePoint < 0x80) {
            out[p++] = (byte) codePoint;
        } else if (codePoint < 0x800) {
            out[p++] = (byte) (0xc0 | codePoint >> 6);
            out[p++] = (byte) (0x80 | codePoint & 0x3f);
        } else if (codePoint < 0x10000) {
            out[p++] = (byte) (0xe0 | codePoint >> 12);
            out[p++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
            out[p++] = (byte) (0x80 | codePoint & 0x3f);
        } else {
            out[p++] = (byte) (0xf0 | codePoint >> 18);
            out[p++] = (byte) (0x80 | codePoint >> 12 & 0x3f);
            out[p++] = (byte) (0x80 | codePoint >> 6 & 0x3f);
            out[p++] = (byte) (0x80 | codePoint & 0x3f);
        }
        return p;
    }
}
