package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.Replacement;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Gives the rows that a bucket has now, as a whole: for sinks that keep a table as the source has it. */
final class WholeRows {
    private final CurrentSettings settings;
    private final Change made = new Change();

    WholeRows(CurrentSettings settings) {
        this.settings = settings;
    }

    /** Gives the rows, unless they are as they were given last, or the job has not come as far as the sink has them. */
    void show(long number, Bucket bucket, Rows rows, Consumer<Change> out) {
        List<TableSchema> schemas = bucket.isChanged() ? bucket.schemas() : List.of();
        if (schemas.isEmpty() || !settings.has(schemas.get(0).table())) {
            return;
        }
        Map<SourcePartition, Long> ends = bucket.ends(settings.replays());
        if (settings.isBehind(number, ends)) {
            return;
        }
        made.clear();
        made.kind = Change.Kind.REPLACE;
        made.bucket = number;
        made.replacement =
                new Replacement(schemas, settings.bucketsOf(schemas.get(0).table()), ends);
        out.accept(made);
        rows.forEach(entry -> {
            row(entry, bucket, out);
            return Rows.Visit.KEEP;
        });
        bucket.shown();
    }

    private void row(Rows.Entry entry, Bucket bucket, Consumer<Change> out) {
        byte[] stored = entry.stored();
        boolean bagged = entry.kind() == Rows.Kind.BAG;
        int row = bagged ? Bag.ROW : Rows.ROW;
        if (entry.kind() == Rows.Kind.SHADOW || stored.length <= row) {
            return; // what was rejected is not there, and of a key alone nothing is known
        }
        made.clear();
        made.resolved = true;
        made.operation = Operation.READ;
        made.schema = Changelog.schemaOf(stored, bucket);
        made.schemaId = made.schema.id();
        made.after.set(stored, row, stored.length - row);
        for (int i = bagged ? Bag.count(stored) : 1; i > 0; i--) {
            out.accept(made);
        }
    }
}
