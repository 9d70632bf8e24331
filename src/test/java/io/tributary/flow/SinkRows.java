package io.tributary.flow;

import io.tributary.change.ColumnType;
import io.tributary.change.RowWriter;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.jspecify.annotations.Nullable;

/** Rows of values, as the tests of sinks write them. */
public final class SinkRows {
    /** Without a time. */
    public static final SinkWriter.Context CONTEXT = new SinkWriter.Context() {
        @Override
        public long currentWatermark() {
            return 0;
        }

        @Override
        public @Nullable Long timestamp() {
            return null;
        }
    };

    private SinkRows() {}

    /** @param values of the first columns; numbers in the form that the row has them in */
    public static byte[] of(TableSchema schema, @Nullable Object... values) {
        RowWriter row = new RowWriter();
        row.begin(values.length);
        for (int i = 0; i < values.length; i++) {
            Object value = values[i];
            if (value == null) {
                row.writeNull(i);
            } else {
                write(row, schema.columns().get(i).type(), value);
            }
        }
        int length = row.end();
        return Arrays.copyOfRange(row.buffer(), row.start(), row.start() + length);
    }

    private static void write(RowWriter row, ColumnType type, Object value) {
        if (value instanceof Boolean truth) {
            row.writeByte(truth ? 1 : 0);
        } else if (value instanceof Integer number) {
            row.writeInt(number);
        } else if (value instanceof Long number) {
            row.writeLong(number);
        } else if (value instanceof Float number) {
            row.writeInt(Float.floatToIntBits(number));
        } else if (value instanceof Double number) {
            row.writeLong(Double.doubleToLongBits(number));
        } else if (value instanceof BigDecimal number && type.fitsLong()) {
            row.writeLong(number.unscaledValue().longValueExact());
        } else {
            byte[] bytes = value instanceof byte[] held
                    ? held
                    : value instanceof BigDecimal number
                            ? number.unscaledValue().toByteArray()
                            : ((String) value).getBytes(StandardCharsets.UTF_8);
            row.writeBytes(bytes, 0, bytes.length);
        }
    }
}
