package io.tributary.changelog;

import io.tributary.change.Bytes;
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
        all(number, bucket, schemas, settings.bucketsOf(schemas.get(0).table()), Change.Kind.ROW, rows, out);
        bucket.shown();
    }

    /** Gives them to who has asked, whatever was given before. */
    void give(long number, Request request, Bucket bucket, Rows rows, Consumer<Change> out) {
        List<TableSchema> known = bucket.schemas();
        List<TableSchema> schemas = known.isEmpty() ? List.of(request.schema) : known;
        all(number, bucket, schemas, request.parts, Change.Kind.SHOWN, rows, out);
    }

    /**
     * Who asks for rows.
     *
     * @param schema of the table that is asked for, without columns
     * @param parts how many buckets the table has
     */
    record Request(TableSchema schema, int parts) {}

    private void all(
            long number,
            Bucket bucket,
            List<TableSchema> schemas,
            int parts,
            Change.Kind kind,
            Rows rows,
            Consumer<Change> out) {
        made.clear();
        made.kind = Change.Kind.REPLACE;
        made.resolved = true;
        made.bucket = number;
        made.schema = schemas.get(schemas.size() - 1);
        made.schemaId = made.schema.id();
        made.replacement = new Replacement(schemas, parts, bucket.ends(settings.replays()));
        out.accept(made);
        rows.forEach(entry -> {
            row(entry, bucket, kind, out);
            return Rows.Visit.KEEP;
        });
    }

    private void row(Rows.Entry entry, Bucket bucket, Change.Kind kind, Consumer<Change> out) {
        byte[] stored = entry.stored();
        boolean bagged = entry.kind() == Rows.Kind.BAG;
        int row = bagged ? Bag.ROW : Rows.ROW;
        if (entry.kind() == Rows.Kind.SHADOW || stored.length <= row) {
            return; // what was rejected is not there, and of a key alone nothing is known
        }
        made.clear();
        made.kind = kind;
        made.resolved = true;
        made.operation = Operation.READ;
        made.schema = Changelog.schemaOf(stored, bucket);
        made.schemaId = made.schema.id();
        if (kind == Change.Kind.SHOWN) { // a truncate that comes later asks for them
            made.partition = Bytes.getInt(stored, Rows.PARTITION);
            made.sequenceEvent = Bytes.getLong(stored, Rows.SEQUENCE);
        }
        made.after.set(stored, row, stored.length - row);
        for (int i = bagged ? Bag.count(stored) : 1; i > 0; i--) {
            out.accept(made);
        }
    }
}
