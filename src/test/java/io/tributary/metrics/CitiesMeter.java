package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How many payments there are, by city: a metric that nothing of ours knows of. */
public final class CitiesMeter implements Meter {
    @Override
    public String name() {
        return "cdc_payments_by_city";
    }

    @Override
    public List<String> labels() {
        return List.of("city");
    }

    @Override
    public Set<String> tables() {
        return Set.of("shop.payments");
    }

    @Override
    public void add(Change change, Sums sums) {
        count(change.beforeSchema, change.before, -1, sums);
        count(change.schema, change.after, 1, sums);
    }

    private static void count(@Nullable TableSchema schema, Slice row, long count, Sums sums) {
        if (schema != null && row.isPresent()) {
            Object city = RowReader.values(schema, row.bytes(), row.offset())[schema.indexOf("city")];
            sums.add(List.of(String.valueOf(city)), count);
        }
    }
}
