package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowWriter;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns what the source says into what is true. Changes of one key must come in the order of their source partition.
 *
 * <p>Two fences drop what a connector delivers again: the bucket's, per source partition, on the source's sequence (commit
 * before the transaction, event), and the row's own, on the event alone, which only grows for one key. Events without a
 * sequence (snapshots, other sources) pass both. A snapshot takes the fences away: after it the source may count anew.
 *
 * <p>A row whose last change was rejected is followed in a shadow beside it, so that what later changes leave out is filled
 * from what the source has, not from what the sinks have.
 */
public final class Changelog {
    static final long NO_SEQUENCE = -1;

    private final TablePolicies settings;
    private final RowWriter writer = new RowWriter();
    private final RowBuilder builder = new RowBuilder();
    private final Bag bag = new Bag();
    private final Made made = new Made();
    private final Change told = new Change();
    private final ShapedRows shaped;
    private final Completion completion;
    private final ReplayOrder replays = new ReplayOrder();
    private final Alterations alterations;
    private final Snapshots snapshots;
    private final KeylessRows keyless;
    private final LateChanges late;
    private final Truncates truncates;

    private boolean anew;

    /** Takes the changes that are true; each lives until the next call. */
    public interface Out {
        void emit(Change change);

        /** A row of a measured table that a truncate has taken: beside the truncate, not a change of its own. */
        default void gone(Change row) {
            // only who measures wants to know
        }
    }

    /** @param settings what the pipeline file says of tables, by name */
    public Changelog(Map<String, ChangelogSettings> settings) {
        this.settings = new TablePolicies(settings);
        this.shaped = new ShapedRows(settings);
        this.completion = new Completion(builder, shaped);
        this.alterations = new Alterations(this.settings, shaped, builder, bag, made);
        this.snapshots = new Snapshots(this.settings, builder, made);
        this.keyless = new KeylessRows(this.settings, completion, bag, made, told);
        this.late = new LateChanges(this.settings, completion, builder, made, told);
        this.truncates = new Truncates(this.settings, made, told);
    }

    /**
     * What sinks were told of the last change that was applied: a create of a row that is there is an update. Null if nothing, as the
     * table's condition is true neither of the row before nor of that after it.
     */
    public @Nullable Operation applied() {
        return shaped.isFiltered(told.schema) ? shaped.emitted() : told.operation;
    }

    /** The rows as sinks have them. */
    ShapedRows shaped() {
        return shaped;
    }

    /** How many unknown values of the last change became null, by the table's policy or a rule. */
    public int nulled() {
        return completion.nulled();
    }

    /** Whether the source's positions began anew with the last change: lower than before, and later in time. */
    public boolean anew() {
        return anew;
    }

    /** The rules that the last change broke and passed. */
    public List<Rule> warned() {
        return completion.warned();
    }

    /** What made the last change {@link Verdict#INVALID}. */
    public @Nullable Broken broken() {
        return completion.broken();
    }

    /** Why the last change that was offered again is {@link Verdict#SUPERSEDED}. */
    public String superseded() {
        return replays.why();
    }

    // ---- what concerns a whole table

    /** Takes note of a schema before its first row, and brings the rows that there are to it. */
    public void define(Event event, Bucket bucket, Rows rows, Out out) {
        alterations.define(event, bucket, rows, shaped.over(out));
    }

    /** Gives the rows of a bucket that an earlier version wrote their present form. */
    public void upgrade(Bucket bucket, Rows rows) {
        alterations.upgrade(bucket, rows);
    }

    /** Takes note of what concerns all buckets of a table: a truncate, the beginning of a snapshot, its end. */
    public void mark(Event event, Bucket bucket, Rows rows, Out to) {
        Out out = shaped.over(to);
        TableSchema schema = event.requireSchema();
        if (bucket.isOfOtherSource(schema)) {
            return; // its snapshot says nothing of these rows
        }
        Fence fence = bucket.fence(schema.topic(), event.partition);
        switch (event.operation) {
            case TRUNCATE -> judge(event, bucket, rows, new Unwritten(out));
            case READ -> snapshots.begin(event, fence, bucket, rows, out);
            default -> snapshots.end(event, fence, bucket, rows, out);
        }
    }

    /** The bucket that the truncate itself went to has written it. */
    private record Unwritten(Out out) implements Out {
        @Override
        public void emit(Change change) {
            // written
        }

        @Override
        public void gone(Change row) {
            out.gone(row);
        }
    }

    /** Takes note that the newest change of a key could not be read: what later ones leave out is not known. */
    public void lose(Event event, Bucket bucket, Rows rows) {
        TableSchema schema = event.requireSchema();
        if (bucket.isOfOtherSource(schema)) {
            return;
        }
        Fence fence = bucket.fence(schema.topic(), event.partition);
        bucket.half(event, fence, false, settings.of(schema));
        if (place(event, fence) < 0
                || Stored.isDuplicate(event, 1, rows.get(Rows.Kind.ROW, event.key))
                || bucket.isDeleted(event)) {
            return; // delivered again, or late: what came after it is here
        }
        writer.reset();
        writer.begin(schema.columns().size());
        for (int column = 0; column < schema.columns().size(); column++) {
            writer.writeUnsent(column);
        }
        int length = writer.end();
        event.after.set(writer.buffer(), writer.start(), length);
        shadow(event, fence, bucket, rows);
    }

    // ---- one change

    /** Applies a row's change or a truncate and emits what is true then: operation, before and after are exact. */
    public Verdict apply(Event event, Bucket bucket, Rows rows, Out to) {
        return judge(event, bucket, rows, shaped.over(to));
    }

    private Verdict judge(Event event, Bucket bucket, Rows rows, Out out) {
        anew = false;
        completion.reset();
        builder.reset();
        TableSchema schema = event.requireSchema();
        if (bucket.isOfOtherSource(schema)) {
            return Verdict.OTHER_SOURCE;
        }
        if (event.replay >= 0) {
            return applyAgain(event, bucket, rows, out);
        }
        boolean streamed = event.sequenceEvent != NO_SEQUENCE;
        boolean truncate = event.operation == Operation.TRUNCATE;
        boolean isKeyless = !truncate && !event.key.isPresent();
        Fence fence = bucket.fence(schema.topic(), event.partition);
        int place = place(event, fence);
        // only rows that are inserted together share one place
        boolean alone = truncate || isKeyless && (event.operation != Operation.CREATE || fence.isRepeated());
        if (place < 0 || place == 0 && alone) {
            fence.repeats(place < 0);
            return Verdict.DUPLICATE;
        }
        bucket.reached(fence, event.offset, event.operation == Operation.DELETE || truncate);
        TableSchema newest = bucket.newest();
        boolean isAhead = streamed && place > 0 && bucket.partitions() == 1; // of several, one may be behind the other
        if (bucket.isRefused(schema)) {
            if (!rows.isEmpty() || settings.of(schema).buckets() > 1) {
                return Verdict.KEY_TYPE;
            }
            bucket.takeAnew(schema);
        } else if (isAhead && newest != null && newest.id() != schema.id()) {
            if (!alterations.takesKeys(newest, schema, bucket, rows)) {
                bucket.refuse(schema);
                return Verdict.KEY_TYPE;
            }
            bucket.alteredBack(schema);
            alterations.alter(event, newest, bucket, rows, out);
            shaped.beginEvent();
        }
        Verdict verdict;
        if (truncate) {
            verdict = truncates.apply(event, bucket, rows, out);
        } else if (bucket.isTruncated(event)) {
            verdict = late.apply(
                    event, null, isNew(event, place, fence), bucket.truncatedOn(), bucket, Verdict.SUPERSEDED, out);
        } else if (isKeyless) {
            verdict = keyless.apply(event, fence, rows, out);
            if (verdict == Verdict.APPLIED) {
                bucket.applied(schema);
            }
        } else {
            verdict = row(event, place, fence, bucket, rows, out);
        }
        if (event.snapshot) {
            bucket.advance(fence, NO_SEQUENCE, NO_SEQUENCE);
        } else if (place > 0 && streamed && event.sequenceCommit >= 0) {
            bucket.advance(fence, event.sequenceCommit, event.sequenceEvent);
            fence.newestMillis = Math.max(fence.newestMillis, event.sourceMillis);
            fence.writtenMillis = Math.max(fence.writtenMillis, event.recordMillis);
            bucket.lookForHalves(schema.topic());
        }
        return verdict;
    }

    /** Where a change stands to the newest one of its partition; brings its position to where the bucket has it. */
    private int place(Event event, Fence fence) {
        if (event.sequenceEvent == NO_SEQUENCE || event.sequenceCommit < 0) {
            return 1;
        }
        Fence.move(event, fence.shift);
        if (event.sequenceEvent != NO_SEQUENCE && fence.isAnew(event)) {
            fence.beginAnew(event);
            anew = true;
        }
        if (event.sequenceEvent == NO_SEQUENCE) {
            return 1;
        }
        return fence.compare(event.sequenceCommit, event.sequenceEvent);
    }

    /** A change that was rejected at its place, repaired. */
    private Verdict applyAgain(Event event, Bucket bucket, Rows rows, Out out) {
        Verdict verdict = replays.judge(event, bucket, rows);
        if (verdict != Verdict.APPLIED) {
            return verdict;
        }
        Fence fence = bucket.fence(event.requireSchema().topic(), event.partition);
        bucket.reachedAgain(event.replay);
        if (event.operation == Operation.DELETE) {
            bucket.removedAgain(fence, event.offset);
        }
        // of its old place: it moves no fence, and what it had to do with other rows is long done
        event.snapshot = false;
        event.first = false;
        event.last = false;
        event.moved = false;
        event.oldKey.clear();
        return row(event, 1, fence, bucket, rows, out);
    }

    private Verdict row(Event event, int place, Fence fence, Bucket bucket, Rows rows, Out out) {
        byte[] prior = rows.get(Rows.Kind.ROW, event.key);
        byte[] shadow = bucket.hasShadows() ? rows.get(Rows.Kind.SHADOW, event.key) : null;
        boolean again = event.replay >= 0;
        boolean isNew = isNew(event, place, fence);
        bucket.half(event, fence, isNew && !again, settings.of(event.requireSchema()));
        if (!again
                && (Stored.isDuplicate(event, place, prior)
                        || Stored.isDuplicate(event, place, shadow) && shadow != null)) {
            fence.repeats(place == 0 && event.operation == Operation.DELETE); // the first at its place
            byte[] newer = Stored.isDuplicate(event, place, prior) ? prior : shadow;
            byte[] moved = event.oldKey.isPresent() && isNew ? bucket.between.unpark(event.oldKey) : null;
            return newer == null || Stored.sequence(newer) == event.sequenceEvent
                    ? Verdict.DUPLICATE
                    : late.apply(
                            event, moved, isNew, Bytes.getInt(newer, Rows.PARTITION), bucket, Verdict.DUPLICATE, out);
        }
        if (!again && prior == null && bucket.isDeleted(event)) {
            // nothing else comes for it
            byte[] moved = event.oldKey.isPresent() ? bucket.between.unpark(event.oldKey) : null;
            return late.apply(event, moved, isNew, bucket.deletedOn(event), bucket, Verdict.SUPERSEDED, out);
        }
        if (event.operation == Operation.DELETE) {
            return delete(event, prior, shadow, bucket, rows, out);
        }
        // the newest rejected change, offered again, came upon what the sinks have unless another was rejected before
        // it
        byte[] base = shadow == null || again && Shadow.offset(shadow) == event.offset && Shadow.isOnly(shadow)
                ? prior
                : shadow;
        if (event.oldKey.isPresent()) {
            byte[] moved = bucket.between.unpark(event.oldKey);
            base = moved == null ? rows.get(Rows.Kind.ROW, event.oldKey) : moved;
        } else if (event.operation == Operation.CREATE && !again) {
            base = null; // nothing to fill a new row from
        }
        ChangelogSettings table = settings.of(event.requireSchema());
        if (!completion.fill(event, base, bucket, table) || !completion.validate(event, table)) {
            shadow(event, fence, bucket, rows);
            return completion.broken() == null ? Verdict.UNSENT : Verdict.INVALID;
        }
        boolean ordered = event.sequenceEvent != NO_SEQUENCE || event.oldKey.isPresent();
        if (prior != null && event.operation == Operation.CREATE && ordered && !again) {
            bucket.between.displace(event, prior);
        }
        put(event, fence, prior, table, rows);
        if (!again) {
            bucket.applied(event.requireSchema());
        }
        if (shadow != null) {
            rows.remove(Rows.Kind.SHADOW, event.key);
            bucket.shadowGone();
        }
        told.of(event);
        if (prior != null) {
            Stored.setBefore(told, prior, bucket);
            told.operation = event.operation == Operation.CREATE ? Operation.UPDATE : event.operation;
        } else if (shadow != null && event.operation == Operation.UPDATE) {
            told.operation = Operation.CREATE; // the one before never came through
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    /** Whether it is behind the newest one of its own partition; the halves of a changed key, and rows that are inserted together, share one place. */
    private static boolean isNew(Event event, int place, Fence fence) {
        return place > 0 || place == 0 && event.operation == Operation.CREATE && !fence.isRepeated();
    }

    private Verdict delete(
            Event event, byte @Nullable [] prior, byte @Nullable [] shadow, Bucket bucket, Rows rows, Out out) {
        byte[] displaced = event.replay < 0 ? bucket.between.displaced(event) : null;
        if (displaced != null) {
            if (event.moved) {
                bucket.between.park(event.key, displaced);
            }
            return Verdict.SUPERSEDED;
        }
        byte[] newest = shadow == null ? prior : shadow;
        if (shadow != null) {
            rows.remove(Rows.Kind.SHADOW, event.key);
            bucket.shadowGone();
        }
        if (event.moved && newest != null) {
            bucket.between.park(event.key, newest);
        }
        if (event.replay < 0) {
            bucket.deleted(event, prior != null);
        }
        if (prior == null && event.tombstone) {
            return Verdict.NOTHING;
        }
        told.of(event);
        told.after.clear();
        if (prior == null) {
            builder.keepKeyOnly(told);
            told.unseen = true;
        } else {
            rows.remove(Rows.Kind.ROW, event.key);
            if (prior.length > Rows.ROW) {
                Stored.setBefore(told, prior, bucket);
            } else {
                builder.keepKeyOnly(told);
            }
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    private void put(Event event, Fence fence, byte @Nullable [] prior, ChangelogSettings table, Rows rows) {
        byte[] stored = Stored.of(event, fence, table.state() == StateMode.ROWS);
        rows.put(Rows.Kind.ROW, event.key, stored, prior != null);
    }

    private void shadow(Event event, Fence fence, Bucket bucket, Rows rows) {
        byte[] before = bucket.hasShadows() ? rows.get(Rows.Kind.SHADOW, event.key) : null;
        boolean only = before == null || Shadow.offset(before) == event.offset && Shadow.isOnly(before);
        bucket.reached(fence, Math.max(fence.newest, event.offset), false);
        byte[] shadow = Shadow.of(Stored.of(event, fence, true), event.offset, only);
        rows.put(Rows.Kind.SHADOW, event.key, shadow, before != null);
        if (before == null) {
            bucket.shadowMade();
        }
    }
}
