package io.tributary.decode;

import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** JSON's tokens as values of columns, or why they are none. */
final class Tokens {
    private Tokens() {}

    static void writeText(String text, RowWriter row) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        row.writeBytes(utf8, 0, utf8.length);
    }

    static void stringToken(JsonScanner json, ColumnType type) {
        if (json.peek() != '"') {
            throw notA(type, skipped(json));
        }
        json.string();
        json.unescape();
    }

    static String content(JsonScanner json) {
        return new String(json.text(), json.textStart(), json.textLength(), StandardCharsets.UTF_8);
    }

    static byte[] base64(JsonScanner json) {
        stringToken(json, ColumnType.BYTES);
        int from = json.textStart();
        int to = from + json.textLength();
        byte[] text = Arrays.copyOfRange(json.text(), from, to);
        boolean url = false;
        for (byte b : text) {
            url |= b == '-' || b == '_';
        }
        try {
            return (url ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text);
        } catch (IllegalArgumentException e) {
            throw notA(ColumnType.BYTES, new String(text, StandardCharsets.UTF_8));
        }
    }

    static long integerToken(JsonScanner json, ColumnType type) {
        int next = json.peek();
        if (next == '"' || next == '{' || next == '[') {
            throw notA(type, skipped(json));
        }
        json.scalar();
        if (!json.tokenIsLong()) {
            throw notA(type, json.tokenText());
        }
        return json.tokenLong();
    }

    static long inRange(long value, long min, long max, ColumnType type) {
        if (value < min || value > max) {
            throw notA(type, Long.toString(value));
        }
        return value;
    }

    /** Java reads 1f, 0x1p3 and blanks around as numbers too. */
    static boolean isNumber(String token) {
        for (int i = 0; i < token.length(); i++) {
            char c = token.charAt(i);
            if ((c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') {
                return false;
            }
        }
        return true;
    }

    static String numberToken(JsonScanner json, ColumnType type) {
        if (json.peek() == '"') {
            stringToken(json, type);
            return content(json);
        }
        if (json.peek() == '{' || json.peek() == '[') {
            throw notA(type, skipped(json));
        }
        json.scalar();
        return json.tokenText();
    }

    /** NaN and the infinities in every spelling that connectors have; empty for all else. */
    static String special(String token) {
        return switch (token) {
            case "NaN", "NAN" -> "NaN";
            case "Infinity", "POSITIVE_INFINITY", "+Infinity" -> "Infinity";
            case "-Infinity", "NEGATIVE_INFINITY" -> "-Infinity";
            default -> "";
        };
    }

    static String skipped(JsonScanner json) {
        json.peek();
        int start = json.position();
        json.skip();
        return skippedText(json, start, json.position());
    }

    static String skippedText(JsonScanner json, int from, int to) {
        return new String(json.bytes(), from, to - from, StandardCharsets.UTF_8);
    }

    static DecodeException notA(ColumnType type, String value) {
        return new DecodeException(Reason.VALUE, "cannot hold as " + type + ", got " + DecodeException.shown(value));
    }

    static OutOfRangeException outOfRange(ColumnType type, String value) {
        return new OutOfRangeException("cannot hold as " + type + ", got " + DecodeException.shown(value), value);
    }
}
