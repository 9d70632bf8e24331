package io.tributary.decode;

import io.tributary.change.ColumnType;
import java.nio.charset.StandardCharsets;

/** A column as decode meets it. */
final class LayoutColumn {
    private final String name;
    private final byte[] utf8;
    private final ColumnType type;
    private final Form form;

    LayoutColumn(String name, ColumnType type, Form form) {
        this.name = name;
        this.utf8 = name.getBytes(StandardCharsets.UTF_8);
        this.type = type;
        this.form = form;
    }

    String name() {
        return name;
    }

    /** The name's own bytes: not to be written to. */
    byte[] utf8() {
        return utf8;
    }

    ColumnType type() {
        return type;
    }

    Form form() {
        return form;
    }

    /** A column of which nothing but the JSON says what it is. */
    static LayoutColumn untyped(String name) {
        return new LayoutColumn(name, ColumnType.JSON, Form.ANY);
    }

    /** A column without a schema block, whose type the pipeline file gives. */
    static LayoutColumn configured(String name, ColumnType type) {
        Form form =
                switch (type.kind()) {
                    case BOOLEAN -> Form.BOOLEAN;
                    case INT16, INT32, INT64, DATE -> Form.INTEGER;
                    case FLOAT32, FLOAT64 -> Form.FLOAT;
                    case DECIMAL -> Form.DECIMAL_TEXT;
                    case TEXT, JSON -> Form.ANY;
                    case BYTES -> Form.BASE64;
                    case TIME, TIMESTAMP -> Form.MICROS;
                    case TIMESTAMPTZ -> Form.TIME_TEXT;
                };
        return new LayoutColumn(name, type, form);
    }
}
