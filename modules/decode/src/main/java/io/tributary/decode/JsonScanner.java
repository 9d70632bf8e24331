package io.tributary.decode;

import io.tributary.change.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Walks JSON (RFC 8259) in place, without objects. Strings are looked at eight bytes at a time; nesting costs a bit a level,
 * so no depth overflows a stack. What is skipped is checked for balance, not for every comma.
 *
 * <p>One class, since every method moves its place.
 */
final class JsonScanner {
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH = 0x8080808080808080L;
    private static final long QUOTES = ONES * '"';
    private static final long BACKSLASHES = ONES * '\\';
    private static final long BLANKS = ONES * ' ';
    private static final long ZEROS = ONES * '0';
    private static final long HIGH_NIBBLES = 0xf0f0f0f0f0f0f0f0L;

    private byte[] bytes = {};
    private int position;
    private int end;

    private int tokenStart;
    private int tokenEnd;
    private boolean escaped;
    private boolean nonAscii;

    private byte[] scratch = new byte[256];
    private byte[] text = {};
    private int textStart;
    private int textLength;
    private long[] nesting = new long[4];

    void open(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.position = from;
        this.end = to;
    }

    byte[] bytes() {
        return bytes;
    }

    /** Where the bytes end. */
    int end() {
        return end;
    }

    int position() {
        return position;
    }

    void position(int position) {
        this.position = position;
    }

    /** The next byte that is no blank, not consumed; -1 at the end. */
    int peek() {
        while (position < end) {
            byte b = bytes[position];
            if (b > ' ') {
                return b;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b & 0xff;
            }
            position++;
        }
        return -1;
    }

    void expect(char wanted) {
        if (peek() != wanted) {
            throw malformed("'" + wanted + "'");
        }
        position++;
    }

    /** Nothing but blanks may be left. */
    void expectEnd() {
        if (peek() != -1) {
            throw malformed("the end");
        }
    }

    /** Nothing but blanks may be left, or the brace that closes what was opened around the payload. */
    void expectEnd(boolean wrapped) {
        if (wrapped) {
            expect('}');
        }
        expectEnd();
    }

    /** After the '{', and then after each value: whether another field follows; if so, its name is the token. */
    boolean nextField(boolean first) {
        int b = peek();
        if (b == '}') {
            position++;
            return false;
        }
        if (!first) {
            expect(',');
            b = peek();
        }
        if (b != '"') {
            throw malformed("a field's name");
        }
        string();
        if (position < end && bytes[position] == ':') {
            position++;
        } else {
            expect(':');
        }
        return true;
    }

    /**
     * The same where the field that comes is known: false, and nothing is consumed, if it is not next or is written otherwise.
     *
     * @param name with its quotes and the colon
     */
    boolean tryField(boolean first, byte[] name) {
        int p = position;
        if (!first) {
            if (p >= end || bytes[p] != ',') {
                return false;
            }
            p++;
        }
        return tryText(p, name);
    }

    /** Consumes bytes that are next; else false. */
    boolean tryText(byte[] wanted) {
        return tryText(position, wanted);
    }

    private boolean tryText(int at, byte[] wanted) {
        int to = at + wanted.length;
        if (to > end || !Arrays.equals(bytes, at, to, wanted, 0, wanted.length)) {
            return false;
        }
        position = to;
        return true;
    }

    /** After the '[', and then after each value: whether another element follows. */
    boolean nextElement(boolean first) {
        if (peek() == ']') {
            position++;
            return false;
        }
        if (!first) {
            expect(',');
        }
        return true;
    }

    /** Reads a string; its raw content is the token. */
    void string() {
        expect('"');
        int p = position;
        tokenStart = p;
        escaped = false;
        nonAscii = false;
        while (true) {
            while (p + 8 <= end) {
                long word = Bytes.getLong(bytes, p);
                long quote = word ^ QUOTES;
                long backslash = word ^ BACKSLASHES;
                // the lowest flag set is exact: a quote, a backslash, a control character, or not ASCII
                long flags = (((quote - ONES) & ~quote)
                                | ((backslash - ONES) & ~backslash)
                                | ((word - BLANKS) & ~word)
                                | word)
                        & HIGH;
                if (flags != 0) {
                    p += Long.numberOfTrailingZeros(flags) >>> 3;
                    break;
                }
                p += 8;
            }
            if (p >= end) {
                position = end;
                throw malformed("the end of a string");
            }
            byte b = bytes[p];
            if (b == '"') {
                break;
            }
            if (b == '\\') {
                escaped = true;
                p += 2;
            } else if (b < 0) {
                nonAscii = true;
                p++;
            } else if (b < ' ') {
                position = p;
                throw malformed("no control character in a string");
            } else {
                p++;
            }
        }
        tokenEnd = p;
        position = p + 1;
    }

    boolean tokenIs(byte[] name) {
        return !escaped && Arrays.equals(bytes, tokenStart, tokenEnd, name, 0, name.length);
    }

    int tokenStart() {
        return tokenStart;
    }

    int tokenLength() {
        return tokenEnd - tokenStart;
    }

    /** The token as text, unescaped. */
    String tokenText() {
        unescape();
        return new String(text, textStart, textLength, StandardCharsets.UTF_8);
    }

    /** The string token as checked UTF-8 in {@link #text()}, {@link #textStart()}, {@link #textLength()}. */
    void unescape() {
        if (escaped) {
            unescapeToScratch();
        } else {
            if (text != bytes) { // a reference stored in an old object costs a memory fence
                text = bytes;
            }
            textStart = tokenStart;
            textLength = tokenEnd - tokenStart;
        }
        if (nonAscii && !Utf8.isValid(text, textStart, textStart + textLength)) {
            throw new DecodeException(Reason.NOT_JSON, "a string at byte " + tokenStart + " is not UTF-8");
        }
    }

    byte[] text() {
        return text;
    }

    int textStart() {
        return textStart;
    }

    int textLength() {
        return textLength;
    }

    private void unescapeToScratch() {
        int length = tokenEnd - tokenStart;
        if (scratch.length < length) {
            scratch = new byte[Math.max(length, scratch.length * 2)];
        }
        textLength = Escapes.unescape(bytes, tokenStart, tokenEnd, scratch);
        text = scratch;
        textStart = 0;
    }

    /** Reads a number, true, false or null; its text is the token. */
    void scalar() {
        peek();
        int p = digits(position);
        while (p < end && isScalar(bytes[p])) {
            p++;
        }
        if (p == position) {
            throw malformed("a value");
        }
        tokenStart = position;
        tokenEnd = p;
        escaped = false;
        nonAscii = false;
        position = p;
    }

    /** The end of the digits at this place. */
    int digits(int from) {
        int p = from;
        while (p + 8 <= end && areDigits(Bytes.getLong(bytes, p))) {
            p += 8;
        }
        while (p < end && bytes[p] >= '0' && bytes[p] <= '9') {
            p++;
        }
        return p;
    }

    private static boolean areDigits(long word) {
        return (word & HIGH_NIBBLES) == ZEROS && (word + ONES * 6 & HIGH_NIBBLES) == ZEROS;
    }

    private static boolean isScalar(byte b) {
        return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b == '-' || b == '+' || b == '.' || b == 'E';
    }

    /** Consumes a null if one is next. */
    boolean tryNull() {
        if (peek() != 'n') {
            return false;
        }
        if (position + 4 <= end
                && bytes[position + 1] == 'u'
                && bytes[position + 2] == 'l'
                && bytes[position + 3] == 'l') {
            position += 4;
            return true;
        }
        throw malformed("null");
    }

    /** The scalar token as an integer; false when it is none that a long holds. */
    boolean tokenIsLong() {
        int p = tokenStart;
        boolean negative = bytes[p] == '-';
        if (negative) {
            p++;
        }
        int digits = tokenEnd - p;
        if (digits < 1 || digits > 19) {
            return false;
        }
        long value = 0;
        for (; p < tokenEnd; p++) {
            int digit = bytes[p] - '0';
            if (digit < 0 || digit > 9) {
                return false;
            }
            value = value * 10 - digit;
        }
        // 19 digits may have wrapped: a negative accumulator holds down to Long.MIN_VALUE
        if (value > 0 || !negative && value == Long.MIN_VALUE) {
            return false;
        }
        tokenLong = negative ? value : -value;
        return true;
    }

    private long tokenLong;

    long tokenLong() {
        return tokenLong;
    }

    /** Skips one value of any kind. */
    void skip() {
        int b = peek();
        switch (b) {
            case '"' -> string();
            case '{', '[' -> skipNested();
            default -> {
                scalar();
                checkScalar();
            }
        }
    }

    private void checkScalar() {
        byte first = bytes[tokenStart];
        boolean word = first >= 'a' && first <= 'z';
        boolean fine = word ? isWord("true") || isWord("false") || isWord("null") : first == '-' || first <= '9';
        if (!fine) {
            position = tokenStart;
            throw malformed("a value");
        }
    }

    private boolean isWord(String word) {
        int length = tokenEnd - tokenStart;
        if (length != word.length()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[tokenStart + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void skipNested() {
        int depth = 0;
        int saved = tokenStart;
        do {
            int b = peek();
            switch (b) {
                case '{' -> push(depth++, true);
                case '[' -> push(depth++, false);
                case '}' -> pop(--depth, true);
                case ']' -> pop(--depth, false);
                case '"' -> string();
                case ',', ':' -> position++;
                case -1 -> throw malformed("the end of an object or array");
                default -> {
                    scalar();
                    checkScalar();
                }
            }
        } while (depth > 0);
        tokenStart = saved;
    }

    private void push(int depth, boolean object) {
        int word = depth >>> 6;
        if (word == nesting.length) {
            nesting = Arrays.copyOf(nesting, word * 2);
        }
        if (object) {
            nesting[word] |= 1L << depth;
        } else {
            nesting[word] &= ~(1L << depth);
        }
        position++;
    }

    private void pop(int depth, boolean object) {
        if (((nesting[depth >>> 6] >>> depth & 1) != 0) != object) {
            throw malformed(object ? "']'" : "'}'");
        }
        position++;
    }

    DecodeException malformed(String wanted) {
        String got = position >= end ? "the end" : "'" + (char) (bytes[position] & 0xff) + "'";
        return new DecodeException(
                Reason.NOT_JSON, "no JSON at byte " + position + ": wanted " + wanted + ", got " + got);
    }
}
