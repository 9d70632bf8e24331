package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;

/** What the beginning and the end of a snapshot do to the rows that there are. */
final class Snapshots {
    private final TablePolicies settings;
    private final RowBuilder builder;
    private final Made made;

    Snapshots(TablePolicies settings, RowBuilder builder, Made made) {
        this.settings = settings;
        this.builder = builder;
        this.made = made;
    }

    /** A snapshot begins, or goes on. */
    void begin(Event event, Fence fence, Bucket bucket, Rows rows, Changelog.Out out) {
        TableSchema schema = event.requireSchema();
        bucket.advance(fence, Changelog.NO_SEQUENCE, Changelog.NO_SEQUENCE);
        if (bucket.isRefused(schema)) {
            bucket.takeAnew(schema); // it says what rows there are
        }
        if (bucket.beginSnapshot(fence, event.first, !rows.isEmpty()) && !schema.hasKey()) {
            replaceBag(event, bucket, rows, out);
        }
    }

    /** None is going on any more. */
    void end(Event event, Fence fence, Bucket bucket, Rows rows, Changelog.Out out) {
        if (bucket.endSnapshot(fence) && settings.of(event.requireSchema()).sweep()) {
            sweep(event, fence, bucket, rows, out);
        }
    }

    /** Deletes the rows that the snapshot just read does not have. */
    private void sweep(Event event, Fence fence, Bucket bucket, Rows rows, Changelog.Out out) {
        bucket.reached(fence, event.offset, true);
        String topic = event.requireSchema().topic();
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            if (entry.kind() == Rows.Kind.BAG
                    || Bytes.getInt(stored, Rows.PARTITION) != event.partition
                    || Bytes.getInt(stored, Rows.GENERATION) == fence.generation) {
                return Rows.Visit.KEEP;
            }
            TableSchema own = Stored.schemaOf(stored, bucket);
            if (!own.topic().equals(topic)) {
                return Rows.Visit.KEEP;
            }
            if (entry.kind() == Rows.Kind.SHADOW) {
                bucket.shadowGone();
                return Rows.Visit.REMOVE;
            }
            TableSchema newest = bucket.newest();
            // one from before the table had a key is deleted as it would be by its event
            boolean isGiven = !own.hasKey() && newest != null && newest.hasKey();
            made.of(event, Operation.DELETE, isGiven && newest != null ? newest : own);
            builder.reset();
            if (isGiven || stored.length == Rows.ROW) {
                made.change.key.set(entry.key());
            } else if (own.hasKey()) {
                // a row that was put under an altered key still has its own schema
                made.change.key.set(builder.ownKey(own, stored, Rows.ROW));
            }
            if (stored.length == Rows.ROW) {
                builder.keepKeyOnly(made.change);
            } else {
                made.change.before.set(stored, Rows.ROW, stored.length - Rows.ROW);
                made.change.beforeSchema = own.on(topic);
            }
            out.emit(made.change);
            return Rows.Visit.REMOVE;
        });
    }

    private void replaceBag(Event event, Bucket bucket, Rows rows, Changelog.Out out) {
        rows.forEach(entry -> {
            if (entry.kind() != Rows.Kind.BAG) {
                return Rows.Visit.KEEP;
            }
            byte[] stored = entry.stored();
            TableSchema own = Stored.schemaOf(stored, bucket);
            for (int i = 0; i < Bag.count(stored); i++) {
                made.of(event, Operation.DELETE, own);
                made.change.before.set(stored, Bag.ROW, stored.length - Bag.ROW);
                made.change.beforeSchema = made.change.schema;
                out.emit(made.change);
            }
            return Rows.Visit.REMOVE;
        });
    }
}
