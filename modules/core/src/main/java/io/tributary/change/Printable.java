package io.tributary.change;

import java.util.HexFormat;

/**
 * Text of others as a terminal or a log may show it: what would move the cursor, ring, begin another line or turn the reading around is
 * shown as JSON writes it, {@code \u001b}. So JSON stays the JSON that it is.
 */
public final class Printable {
    private static final HexFormat HEX = HexFormat.of();

    private Printable() {}

    /** On one line. */
    public static String of(String text) {
        return escaped(text, false);
    }

    /** The same of text that has lines of its own. */
    public static String lines(String text) {
        return escaped(text, true);
    }

    private static String escaped(String text, boolean hasLines) {
        StringBuilder shown = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean isShown = !isActive(text, i) || c == '\n' && hasLines;
            if (shown == null && !isShown) {
                shown = new StringBuilder(text.length() + 16).append(text, 0, i);
            }
            if (shown != null) {
                if (isShown) {
                    shown.append(c);
                } else {
                    escape(c, shown);
                }
            }
        }
        return shown == null ? text : shown.toString();
    }

    private static void escape(char c, StringBuilder to) {
        switch (c) {
            case '\n' -> to.append("\\n");
            case '\r' -> to.append("\\r");
            case '\t' -> to.append("\\t");
            default -> to.append("\\u").append(HEX.toHexDigits(c));
        }
    }

    /** Controls, separators of lines, marks of direction, and halves of pairs, which a terminal would show as anything. */
    private static boolean isActive(String text, int at) {
        char c = text.charAt(at);
        if (c >= ' ' && c < '\u007f') {
            return false;
        }
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        if (Character.isLowSurrogate(c)) {
            return at == 0 || !Character.isHighSurrogate(text.charAt(at - 1));
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL, Character.FORMAT, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
