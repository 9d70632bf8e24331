package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;

/** Truncates: what they take away, and what of it is told. */
final class Truncates {
    private final TablePolicies settings;
    private final Made made;
    private final Change told;

    /** @param told what is emitted, also to whoever asks what it was */
    Truncates(TablePolicies settings, Made made, Change told) {
        this.settings = settings;
        this.made = made;
        this.told = told;
    }

    /** Of a table with several partitions, rows of the others may be newer than the truncate, or come later and be older. */
    Verdict apply(Event event, Bucket bucket, Rows rows, Changelog.Out out) {
        bucket.truncated(event);
        boolean measured = settings.of(event.requireSchema()).measured();
        boolean alone = bucket.partitions() == 1;
        if (alone && !measured) {
            rows.clear();
            bucket.noShadows();
        } else {
            rows.forEach(entry -> {
                long sequence = Bytes.getLong(entry.stored(), Rows.SEQUENCE);
                boolean newer = !alone
                        && Bytes.getInt(entry.stored(), Rows.PARTITION) != event.partition
                        && sequence >= event.sequenceEvent;
                if (!newer && entry.kind() == Rows.Kind.SHADOW) {
                    bucket.shadowGone();
                } else if (!newer && measured) {
                    gone(event, entry, bucket, out);
                }
                return newer ? Rows.Visit.KEEP : Rows.Visit.REMOVE;
            });
        }
        out.emit(told.of(event));
        return Verdict.APPLIED;
    }

    private void gone(Event truncate, Rows.Entry entry, Bucket bucket, Changelog.Out out) {
        byte[] stored = entry.stored();
        boolean bagged = entry.kind() == Rows.Kind.BAG;
        int row = bagged ? Bag.ROW : Rows.ROW;
        for (int i = 0; i < (bagged ? Bag.count(stored) : 1); i++) {
            made.of(truncate, Operation.DELETE, Stored.schemaOf(stored, bucket));
            made.change.snapshot = true; // the truncate is the source's change
            made.change.before.set(stored, row, stored.length - row);
            made.change.beforeSchema = made.change.schema;
            out.gone(made.change);
        }
    }
}
