package io.tributary.changelog;

import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import org.jspecify.annotations.Nullable;

/** Changes that another partition is ahead of: the history gets them, the rows stay as they are. */
final class LateChanges {
    private final TablePolicies settings;
    private final Completion completion;
    private final RowBuilder builder;
    private final Made made;
    private final Change told;

    /** @param told what is emitted, also to whoever asks what it was */
    LateChanges(TablePolicies settings, Completion completion, RowBuilder builder, Made made, Change told) {
        this.settings = settings;
        this.completion = completion;
        this.builder = builder;
        this.made = made;
        this.told = told;
    }

    /**
     * Takes such a change, unless it was delivered again.
     *
     * @param base what its row was before, where that is known
     * @param isNew whether it is behind the newest one of its own partition
     * @param partition that is ahead
     * @param otherwise what it is if it was delivered again
     */
    Verdict apply(
            Event event,
            byte @Nullable [] base,
            boolean isNew,
            int partition,
            Bucket bucket,
            Verdict otherwise,
            Changelog.Out out) {
        if (event.replay >= 0 || !isNew || !bucket.isLate(event, partition)) {
            return otherwise;
        }
        boolean isDelete = event.operation == Operation.DELETE;
        if (isDelete && !event.key.isPresent() && !event.before.isPresent()) {
            return Verdict.NOTHING;
        }
        if (!isDelete) {
            ChangelogSettings table = settings.of(event.requireSchema());
            if (!completion.fill(event, base, bucket, table) || !completion.validate(event, table)) {
                return completion.broken() == null ? Verdict.LATE : Verdict.INVALID;
            }
        }
        boolean isOfBag = !event.key.isPresent();
        if (isOfBag && event.operation == Operation.UPDATE && event.before.isPresent()) {
            made.of(event, Operation.DELETE, event.requireSchema());
            unseen(made.change, event);
            made.change.late = true;
            out.emit(made.change);
        }
        told.of(event);
        told.late = true;
        told.before.clear();
        if (isOfBag && event.operation == Operation.UPDATE) {
            told.operation = Operation.CREATE; // a row without a key has no identity that an update could keep
        }
        if (isDelete) {
            told.after.clear();
            unseen(told, event);
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    private void unseen(Change delete, Event event) {
        delete.unseen = true;
        if (event.key.isPresent()) {
            builder.keepKeyOnly(delete);
        } else {
            delete.before.set(event.before);
            delete.beforeSchema = delete.schema;
        }
    }
}
