package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import java.math.BigDecimal;

/** Values of a column from before its type changed, in its type since. */
final class Conversions {
    private Conversions() {}

    /** Writes the reader's value in the other type; false, and nothing, if that type does not hold it. */
    static boolean write(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        if (!from.join(to).equals(to)) {
            return to.kind() == ColumnType.Kind.DECIMAL && decimal(value, from, to, row);
        }
        Conversion conversion = Conversion.of(from, to);
        if (!to.isVariable()) {
            row.writeNumber(conversion.number(value.fixedValue()), to);
            return true;
        }
        Slice bytes = new Slice();
        bytes.set(
                from.isVariable()
                        ? conversion.bytes(value.bytes(), value.valueStart(), value.valueLength())
                        : conversion.bytes(value.fixedValue()));
        row.writeValue(bytes, to);
        return true;
    }

    private static boolean decimal(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        BigDecimal number =
                switch (from.kind()) {
                    case DECIMAL -> value.decimalValue();
                    case INT16, INT32 -> BigDecimal.valueOf(value.intValue());
                    case INT64 -> BigDecimal.valueOf(value.longValue());
                    case BOOLEAN, FLOAT32, FLOAT64, TEXT, JSON, BYTES, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, ANY -> null;
                };
        if (number == null) {
            return false;
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
