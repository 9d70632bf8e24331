package io.tributary.decode;

import io.tributary.change.ColumnType;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A column's type as the pipeline file gives it for events without a schema block, or for numbers that arrive as text: a type of
 * {@link ColumnType#parse}, or one that says more of how the value arrives.
 */
public final class TypeHint {
    private static final Pattern UNIT = Pattern.compile("(time|timestamp)\\((ms|us|ns)\\)");
    private static final Pattern BITS = Pattern.compile("bit\\((\\d{1,8})\\)");
    private static final Pattern DECIMAL = Pattern.compile("(decimal\\(.*\\)) (base64|text)");

    private TypeHint() {}

    /** @throws IllegalArgumentException if there is no such type */
    public static void check(String hint) {
        column("", hint);
    }

    static LayoutColumn column(String name, String hint) {
        String text = hint.strip().toLowerCase(Locale.ROOT);
        if (text.endsWith("[]")) {
            return LayoutColumn.array(name, column("", text.substring(0, text.length() - 2)));
        }
        Matcher unit = UNIT.matcher(text);
        if (unit.matches()) {
            ColumnType type = unit.group(1).equals("time") ? ColumnType.TIME : ColumnType.TIMESTAMP;
            return new LayoutColumn(
                    name,
                    type,
                    switch (unit.group(2)) {
                        case "ms" -> Form.MILLIS;
                        case "us" -> Form.MICROS;
                        default -> Form.NANOS;
                    });
        }
        Matcher bits = BITS.matcher(text);
        if (bits.matches()) {
            return LayoutColumn.bits(name, Integer.parseInt(bits.group(1)));
        }
        Matcher decimal = DECIMAL.matcher(text);
        if (decimal.matches()) {
            Form form = decimal.group(2).equals("text") ? Form.DECIMAL_TEXT : Form.DECIMAL_BASE64;
            return new LayoutColumn(name, ColumnType.parse(decimal.group(1)), form);
        }
        return switch (text) {
            case "varbit" -> LayoutColumn.bits(name, 0);
            case "numeric" -> LayoutColumn.digits(name, Form.DECIMAL_STRUCT, 0);
            case "text base64" -> new LayoutColumn(name, ColumnType.TEXT, Form.BASE64_TEXT);
            case "bytes hex" -> new LayoutColumn(name, ColumnType.BYTES, Form.HEX);
            default -> plain(name, ColumnType.parse(hint));
        };
    }

    private static LayoutColumn plain(String name, ColumnType type) {
        Form form =
                switch (type.kind()) {
                    case BOOLEAN -> Form.BOOLEAN;
                    case INT16, INT32, INT64 -> Form.INTEGER;
                    case DATE -> Form.DAYS;
                    case FLOAT32, FLOAT64 -> Form.FLOAT;
                    case DECIMAL -> Form.DECIMAL_EITHER;
                    case TEXT, JSON, ANY -> Form.ANY;
                    case BYTES -> Form.BASE64;
                    case TIME, TIMESTAMP -> Form.MICROS;
                    case TIMESTAMPTZ -> Form.TIME_TEXT;
                };
        return new LayoutColumn(name, type, form);
    }
}
