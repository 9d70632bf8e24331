package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Gives the rows that a bucket has now, as a whole: for sinks that keep a table as the source has it. */
final class WholeRows {
    private final CurrentSettings settings;
    private final ShapedRows shaped;
    private final PartRow made = new PartRow();

    WholeRows(CurrentSettings settings, ShapedRows shaped) {
        this.settings = settings;
        this.shaped = shaped;
    }

    /** Gives the rows, unless they are as they were given last, or the job has not come as far as the sink has them. */
    void show(long number, Bucket bucket, Rows rows, Consumer<? super PartRow> out) {
        List<TableSchema> schemas = bucket.isChanged() ? bucket.schemas() : List.of();
        if (schemas.isEmpty() || !settings.has(schemas.get(0).table())) {
            return;
        }
        Map<SourcePartition, Long> ends = bucket.ends(settings.replays());
        if (settings.isBehind(number, ends)) {
            return;
        }
        all(number, bucket, schemas, settings.bucketsOf(schemas.get(0).table()), rows, out);
        bucket.shown();
    }

    /** Gives them to who has asked, whatever was given before. */
    void give(long number, Request request, Bucket bucket, Rows rows, Consumer<? super PartRow> out) {
        List<TableSchema> known = bucket.schemas();
        List<TableSchema> schemas = known.isEmpty() ? List.of(request.schema) : known;
        all(number, bucket, schemas, request.parts, rows, out);
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
            Rows rows,
            Consumer<? super PartRow> out) {
        List<TableSchema> told = schemas.stream().map(shaped::of).toList();
        out.accept(made.head(number, new Replacement(told, parts, bucket.ends(settings.replays()))));
        rows.forEach(entry -> {
            row(entry, bucket, out);
            return Rows.Visit.KEEP;
        });
    }

    private void row(Rows.Entry entry, Bucket bucket, Consumer<? super PartRow> out) {
        byte[] stored = entry.stored();
        boolean bagged = entry.kind() == Rows.Kind.BAG;
        int row = bagged ? Bag.ROW : Rows.ROW;
        if (entry.kind() == Rows.Kind.SHADOW || stored.length <= row) {
            return; // what was rejected is not there, and of a key alone nothing is known
        }
        made.row(Stored.schemaOf(stored, bucket), stored, row, stored.length - row);
        made.partition = Bytes.getInt(stored, Rows.PARTITION); // a truncate that comes later asks for them
        made.sequence = Bytes.getLong(stored, Rows.SEQUENCE);
        shaped.give(made, bagged ? Bag.count(stored) : 1, out);
    }
}
