package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Measures the amounts of one metric. A change adds what its row is after it and takes away what it was before, so that the
 * sums are those of the rows that are there.
 */
final class Amounts {
    private final MetricSettings settings;
    private final Measures measures;
    private final RowAmount before;
    private final RowAmount after;
    private final List<String> bounds;

    Amounts(MetricSettings settings, Measures measures) {
        this.settings = settings;
        this.measures = measures;
        this.before = new RowAmount(settings);
        this.after = new RowAmount(settings);
        this.bounds = settings.buckets().stream().map(BigDecimal::toPlainString).toList();
    }

    /** Measures a change of the changelog, or a row that is there or goes without one. */
    void add(Change change) {
        if (change.late) {
            return; // what came before it counts
        }
        boolean had = change.operation != Operation.TRUNCATE
                && !change.unseen
                && read(before, change.beforeSchema, change.before);
        boolean has = change.operation != Operation.TRUNCATE && read(after, change.schema, change.after);
        if (had) {
            count(before, -1);
        }
        if (!has) {
            return;
        }
        count(after, 1);
        if (change.snapshot && change.operation == Operation.CREATE) {
            return; // a row of before in its new form: nothing has come
        }
        if (!settings.labels().isEmpty() && !(had && before.first().equals(after.first()))) {
            measures.add(name(Kind.ARRIVED, List.of(after.first())), 1, BigDecimal.ZERO);
        }
        if (!after.problem.isEmpty()) {
            measures.add(name(Kind.UNUSABLE, List.of(after.problem)), 1, BigDecimal.ZERO);
            if (after.problem.equals(RowAmount.UNKNOWN_CURRENCY)) {
                measures.add(name(Kind.CURRENCY, List.of(after.currency)), 1, BigDecimal.ZERO);
            }
        } else if (after.amount != null) {
            measures.newest(new Measure(
                    name(Kind.CURRENT, after.group()), 0, after.amount, change.sourceMillis, change.offset));
        }
    }

    private static boolean read(RowAmount row, @Nullable TableSchema schema, Slice image) {
        if (schema == null || !image.isPresent()) {
            return false;
        }
        row.read(schema, image);
        return true;
    }

    private void count(RowAmount row, int sign) {
        if (row.amount == null) {
            return;
        }
        BigDecimal sum = sign < 0 ? row.amount.negate() : row.amount;
        if (!settings.labels().isEmpty()) {
            measures.add(name(Kind.VOLUME, List.of(row.first())), sign, sum);
        }
        measures.add(name(Kind.AMOUNT, row.group()), sign, sum);
        measures.add(name(Kind.BUCKET, List.of(bound(row.amount))), sign, sum);
    }

    private String bound(BigDecimal amount) {
        for (int i = 0; i < bounds.size(); i++) {
            if (amount.compareTo(settings.buckets().get(i)) <= 0) {
                return bounds.get(i);
            }
        }
        return MetricSettings.INFINITE;
    }

    private Measure.Name name(Kind kind, List<String> labels) {
        return new Measure.Name(kind, settings.name(), labels);
    }
}
