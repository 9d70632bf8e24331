package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.RowWriter;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.flow.Measure;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A row of {@code shop.payments}, its changes, and the metric of its amounts. */
record Payment(
        @Nullable String amount,
        @Nullable String currency,
        @Nullable String country,
        @Nullable String city) {
    static final TableSchema SCHEMA = new TableSchema(
            "cdc.shop.payments",
            new TableName("shop", "payments"),
            List.of(
                    new Column("amount", ColumnType.TEXT),
                    new Column("currency", ColumnType.TEXT),
                    new Column("note", ColumnType.TEXT),
                    new Column("country", ColumnType.TEXT),
                    new Column("city", ColumnType.TEXT)),
            List.of());

    static MetricSettings metric(int limit) {
        return new MetricSettings(
                "payments",
                "shop.payments",
                "amount",
                "currency",
                "EUR",
                Map.of("USD", new BigDecimal("0.92")),
                List.of("country", "city"),
                List.of(BigDecimal.TEN, BigDecimal.valueOf(100)),
                limit);
    }

    static Change change(Operation operation, @Nullable Payment before, @Nullable Payment after) {
        Change change = new Change();
        change.operation = operation;
        change.schema = SCHEMA;
        if (before != null) {
            change.before.set(before.row());
            change.beforeSchema = SCHEMA;
        }
        if (after != null) {
            change.after.set(after.row());
        }
        return change;
    }

    private byte[] row() {
        RowWriter writer = new RowWriter();
        @Nullable String[] values = {amount, currency, "x", country, city};
        writer.begin(values.length);
        for (int i = 0; i < values.length; i++) {
            if (values[i] == null) {
                writer.writeNull(i);
            } else {
                byte[] utf8 = values[i].getBytes(StandardCharsets.UTF_8);
                writer.writeBytes(utf8, 0, utf8.length);
            }
        }
        int length = writer.end();
        byte[] row = new byte[length];
        System.arraycopy(writer.buffer(), writer.start(), row, 0, length);
        return row;
    }

    /** {@code AMOUNT [Oslo]} to {@code 2 12.50}, without the sums that are back at nothing. */
    static Map<String, String> shown(Totals totals) {
        Map<String, String> shown = new TreeMap<>();
        for (Measure measure : totals.all().values()) {
            BigDecimal sum = measure.sum().stripTrailingZeros();
            if (measure.count() != 0 || sum.signum() != 0) {
                shown.put(
                        measure.name().kind() + " " + measure.name().labels(),
                        measure.count() + " " + sum.toPlainString());
            }
        }
        return shown;
    }
}
