package io.tributary.decode;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.tributary.change.ColumnType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A column as decode meets it. */
final class LayoutColumn {
    private final String name;
    private final byte[] utf8;
    private final byte[] field;
    private final ColumnType type;
    private final Form form;
    private final int size;
    private final @Nullable LayoutColumn element;
    private final boolean beside;

    private LayoutColumn(String name, ColumnType type, Form form, int size, @Nullable LayoutColumn element) {
        this(name, type, form, size, element, false);
    }

    private LayoutColumn(
            String name, ColumnType type, Form form, int size, @Nullable LayoutColumn element, boolean beside) {
        this.beside = beside;
        this.name = name;
        this.utf8 = name.getBytes(StandardCharsets.UTF_8);
        this.field = ('"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(name)) + "\":")
                .getBytes(StandardCharsets.UTF_8);
        this.type = type;
        this.form = form;
        this.size = size;
        this.element = element;
    }

    LayoutColumn(String name, ColumnType type, Form form) {
        this(name, type, form, type.scale(), null);
    }

    /** A column of which nothing but the JSON says what it is. */
    static LayoutColumn untyped(String name) {
        return new LayoutColumn(name, ColumnType.ANY, Form.ANY);
    }

    /** Digits as text, of a decimal that no decimal type holds; {@code scale} is of its unscaled base64. */
    static LayoutColumn digits(String name, Form form, int scale) {
        return new LayoutColumn(name, ColumnType.TEXT, form, scale, null);
    }

    /** @param length how many bits there are, 0 where that varies */
    static LayoutColumn bits(String name, int length) {
        return new LayoutColumn(name, ColumnType.TEXT, Form.BITS, length, null);
    }

    static LayoutColumn array(String name, LayoutColumn element) {
        return new LayoutColumn(name, ColumnType.JSON, Form.ARRAY, 0, element);
    }

    /**
     * The same column as the pipeline file has it, if that says more: a number that arrives as text, or in digits that no decimal type
     * holds all of.
     */
    LayoutColumn typed(ColumnType wanted) {
        boolean isNumber = wanted.kind() == ColumnType.Kind.DECIMAL;
        return switch (form) {
            case DECIMAL_TEXT, DECIMAL_BASE64, DECIMAL_STRUCT ->
                isNumber && type.equals(ColumnType.TEXT)
                        ? new LayoutColumn(name, wanted, form, size, element, beside)
                        : this;
            case TEXT ->
                isNumber && type.equals(ColumnType.TEXT)
                        ? new LayoutColumn(name, wanted, Form.DECIMAL_TEXT, wanted.scale(), element, beside)
                        : this;
            default -> this; // what the schema block says is definite
        };
    }

    /** The same column held as text. */
    LayoutColumn asText() {
        return new LayoutColumn(name, ColumnType.TEXT, Form.AS_TEXT, 0, this, beside);
    }

    /** The same column with values that do not tell what they were. */
    LayoutColumn hidden(Privacy privacy) {
        return new LayoutColumn(
                name, ColumnType.TEXT, privacy == Privacy.HASH ? Form.HASHED : Form.MASKED, 0, this, beside);
    }

    /** The same column in a key, where all integers are of one type: a column that is widened keeps its rows. */
    LayoutColumn inKey() {
        ColumnType keyType = type.inKey();
        return keyType.equals(type) ? this : new LayoutColumn(name, keyType, form, size, this);
    }

    /** The type whose values it may have: of a key's column that of the column itself. */
    ColumnType bounds() {
        return form == Form.INTEGER && element != null ? element.type : type;
    }

    /** The same column, which stands in the key and not in the row. */
    LayoutColumn besideTheRow() {
        return new LayoutColumn(name, type, form, size, element, true);
    }

    boolean isBeside() {
        return beside;
    }

    LayoutColumn named(String other) {
        return new LayoutColumn(other, type, form, size, element);
    }

    String name() {
        return name;
    }

    /** The name's own bytes: not to be written to. */
    /** Its name as a JSON field, with quotes and colon. */
    byte[] field() {
        return field;
    }

    byte[] utf8() {
        return utf8;
    }

    ColumnType type() {
        return type;
    }

    Form form() {
        return form;
    }

    /** The scale of a decimal's unscaled base64, or the number of bits. */
    int size() {
        return size;
    }

    /** The elements of an array; of a column held as text, hashed or masked, the column itself. */
    LayoutColumn element() {
        if (element == null) {
            throw new IllegalStateException(form + " has no elements");
        }
        return element;
    }
}
