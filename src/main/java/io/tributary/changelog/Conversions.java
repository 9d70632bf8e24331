package io.tributary.changelog;

import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;

/** Values of a column from before its type changed, in its type since. */
final class Conversions {
    private Conversions() {}

    /** Writes the reader's value in the other type; false, and nothing, if that type does not hold every value of its own. */
    static boolean write(RowReader value, ColumnType from, ColumnType to, RowWriter row) {
        if (!from.join(to).equals(to)) {
            return false;
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
}
