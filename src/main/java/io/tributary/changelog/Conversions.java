package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.ValueText;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;

/** Values of a column from before its type changed, in its type since. */
final class Conversions {
    private Conversions() {}

    /** Writes the reader's value in the other type; false, and nothing, if that type does not hold it. */
    static boolean write(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        switch (to.kind()) {
            case INT32 -> {
                if (from.kind() != ColumnType.Kind.INT16) {
                    return false;
                }
                row.writeInt(value.intValue());
            }
            case INT64 -> {
                if (from.kind() != ColumnType.Kind.INT16 && from.kind() != ColumnType.Kind.INT32) {
                    return false;
                }
                row.writeLong(value.intValue());
            }
            case FLOAT64 -> {
                if (from.kind() != ColumnType.Kind.FLOAT32) {
                    return false;
                }
                row.writeLong(Double.doubleToLongBits(value.floatValue()));
            }
            case DECIMAL -> {
                return decimal(value, from, to, row);
            }
            case TEXT -> {
                byte[] text = ValueText.of(from, value.value()).getBytes(StandardCharsets.UTF_8);
                row.writeBytes(text, 0, text.length);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private static boolean decimal(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        BigDecimal number;
        switch (from.kind()) {
            case DECIMAL -> number = value.decimalValue();
            case INT16, INT32 -> number = BigDecimal.valueOf(value.intValue());
            case INT64 -> number = BigDecimal.valueOf(value.longValue());
            default -> {
                return false;
            }
        }
        BigDecimal scaled;
        try {
            scaled = number.setScale(to.scale());
        } catch (ArithmeticException e) {
            return false; // the source has rounded it
        }
        if (scaled.precision() > to.precision()) {
            return false;
        }
        if (to.fitsLong()) {
            row.writeLong(scaled.unscaledValue().longValueExact());
        } else {
            byte[] unscaled = scaled.unscaledValue().toByteArray();
            row.writeBytes(unscaled, 0, unscaled.length);
        }
        return true;
    }
}
