package io.tributary.changelog;

import io.tributary.change.Bytes;
import io.tributary.change.Change;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RowReader;
import io.tributary.change.RowWriter;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.validate.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
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

    private final Map<String, ChangelogSettings> settings;
    private final RowReader reader = new RowReader();
    private final RowWriter writer = new RowWriter();
    private final RowBuilder builder = new RowBuilder();
    private final Bag bag = new Bag();
    private final Change made = new Change();
    private final Change told = new Change();
    private final Slice key = new Slice();

    private int nulled;
    private boolean anew;
    private final List<Rule> warned = new ArrayList<>();
    private @Nullable Rule broken;
    private final ReplayOrder replays = new ReplayOrder();

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
        this.settings = Map.copyOf(settings);
    }

    /** What the last change that was applied was: a create of a row that is there is an update. */
    public Operation applied() {
        return told.operation;
    }

    /** How many unknown values of the last change became null, by the table's policy or a rule. */
    public int nulled() {
        return nulled;
    }

    /** Whether the source's positions began anew with the last change: lower than before, and later in time. */
    public boolean anew() {
        return anew;
    }

    /** The rules that the last change broke and passed. */
    public List<Rule> warned() {
        return warned;
    }

    /** The rule that made the last change {@link Verdict#INVALID}. */
    public @Nullable Rule broken() {
        return broken;
    }

    /** Why the last change that was offered again is {@link Verdict#SUPERSEDED}. */
    public String superseded() {
        return replays.why();
    }

    private ChangelogSettings settingsOf(TableSchema schema) {
        return settings.isEmpty()
                ? ChangelogSettings.DEFAULT
                : settings.getOrDefault(schema.table().toString(), ChangelogSettings.DEFAULT);
    }

    // ---- what concerns a whole table

    /**
     * Takes note of a schema before its first row. Rows from before a column was added get its default, rows from before one
     * was renamed have it by its new name, rows from before the key was altered their new key; rows without a key are as the source's next events will have them.
     */
    public void define(Event event, Bucket bucket, Rows rows, Out out) {
        TableSchema before = bucket.newest();
        TableSchema schema = event.requireSchema();
        boolean isNew = bucket.schema(schema.id()) == null || bucket.isRefused(schema);
        if (isNew && (bucket.isOfOtherSource(schema) || before != null && !takesKeys(before, schema, bucket, rows))) {
            bucket.refuse(schema);
            return;
        }
        bucket.accept(schema);
        if (event.replay >= 0 && before != null) {
            bucket.register(event.requireSchema()); // of its old place: the table is not altered back to it
        } else if (bucket.define(event.requireSchema()) && before != null) {
            alter(event, before, bucket, rows, out);
        }
    }

    private void alter(Event event, TableSchema before, Bucket bucket, Rows rows, Out out) {
        String origin = event.requireSchema().told().origin();
        boolean isPostgres =
                event.sequenceEvent != NO_SEQUENCE && (origin.isEmpty() || origin.startsWith("postgresql/"));
        Alteration alteration =
                retyped(Alteration.of(before, event.requireSchema(), isPostgres), isPostgres, bucket, rows);
        if (!alteration.after().hasKey()) {
            if (before.hasKey()) {
                takeKeys(alteration, bucket, rows);
            }
            refit(event, alteration, bucket, rows, out);
            return;
        }
        if (!before.hasKey()) {
            giveKeys(alteration, bucket, rows);
        }
        if (alteration.fills()) {
            fill(event, alteration, bucket, rows, out);
        }
        if (before.hasKey() && !before.keyNames().equals(alteration.after().keyNames())) {
            rekey(alteration, bucket, rows);
        } else if (KeyConversions.differ(before, alteration.after())) {
            retype(event, alteration, bucket, rows, out);
        }
    }

    /**
     * The last column of a table had text, and now has numbers: if none of its texts is one, no cast has made it so, but another column of the name
     * was added.
     */
    private Alteration retyped(Alteration alteration, boolean isPostgres, Bucket bucket, Rows rows) {
        String last = isPostgres ? alteration.lastThatWasText() : null;
        if (last == null || settingsOf(alteration.after()).buckets() > 1) {
            return alteration;
        }
        boolean[] hasText = {false};
        boolean[] isCast = {false};
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            int at = entry.kind() == Rows.Kind.BAG ? Bag.ROW : Rows.ROW;
            String text = stored.length == at ? null : builder.text(schemaOf(stored, bucket), stored, at, last);
            hasText[0] |= text != null;
            isCast[0] |= text != null && isNumber(text);
            return Rows.Visit.KEEP;
        });
        return hasText[0] && !isCast[0] ? alteration.withAnew(last) : alteration;
    }

    /** Whether a cast, or what stands around one, may have made a number of a text. */
    private static boolean isNumber(String text) {
        String plain = text.strip().toLowerCase(Locale.ROOT);
        return plain.isEmpty()
                || plain.chars().anyMatch(c -> c >= '0' && c <= '9')
                || plain.endsWith("nan")
                || plain.endsWith("inf")
                || plain.endsWith("infinity");
    }

    /** Whether rows are found by keys of the schema after: of a table in several buckets, another key may lie in another of them. */
    private boolean takesKeys(TableSchema before, TableSchema after, Bucket bucket, Rows rows) {
        if (!KeyConversions.differ(before, after)) {
            return true;
        }
        if (settingsOf(after).buckets() > 1) {
            return false;
        }
        Alteration alteration = Alteration.of(before, after, false);
        Set<RowKey> keys = new HashSet<>();
        boolean[] all = {true};
        rows.forEach(entry -> {
            if (all[0] && entry.kind() == Rows.Kind.ROW) {
                byte[] key = keyAfter(entry, bucket, alteration);
                boolean isTold = !isOfOtherTypes(entry, bucket, alteration) || fits(alteration, bucket, entry.stored());
                all[0] = key != null && isTold && keys.add(new RowKey(key));
            }
            return Rows.Visit.KEEP;
        });
        return all[0];
    }

    /** The key in the types of the schema after; null if it has no certain form there. One that is not of its row's own columns stays. */
    private byte @Nullable [] keyAfter(Rows.Entry entry, Bucket bucket, Alteration alteration) {
        return isOfOtherTypes(entry, bucket, alteration)
                ? KeyConversions.of(
                        entry.key(), schemaOf(entry.stored(), bucket).keyTypes(), alteration.after())
                : entry.key();
    }

    private boolean isOfOtherTypes(Rows.Entry entry, Bucket bucket, Alteration alteration) {
        TableSchema own = schemaOf(entry.stored(), bucket);
        TableSchema before = alteration.before();
        // a row that an earlier version wrote does not say whether its key is beyond its type
        boolean isOfBefore = !own.told().isKnown() && Arrays.equals(own.keyTypes(), before.keyTypes());
        if (!KeyConversions.differ(isOfBefore ? before : own, alteration.after())) {
            return false;
        }
        return entry.stored().length == Rows.ROW
                || Arrays.equals(builder.ownKey(own, entry.stored(), Rows.ROW), entry.key());
    }

    /** Rows whose key's type was changed are found by it in the other type; to the sinks each is another row. */
    private void retype(Event event, Alteration alteration, Bucket bucket, Rows rows, Out out) {
        TableSchema schema = alteration.after();
        List<Move> moves = new ArrayList<>();
        for (Rows.Entry entry : all(rows, false)) {
            byte[] stored = entry.stored();
            byte[] key = keyAfter(entry, bucket, alteration);
            if (key == null || !isOfOtherTypes(entry, bucket, alteration)) {
                continue; // of a shadow, its next change says what it is
            }
            TableSchema own = schemaOf(stored, bucket);
            byte[] row = stored.length == Rows.ROW ? null : builder.after(alteration, own, stored, Rows.ROW, true);
            if (row != null && entry.kind() == Rows.Kind.ROW) {
                synthetic(event, Operation.DELETE, own);
                made.before.set(stored, Rows.ROW, stored.length - Rows.ROW);
                made.beforeSchema = made.schema;
                made.key.set(entry.key());
                out.emit(made);
            }
            moves.add(new Move(entry, row == null || entry.kind() == Rows.Kind.SHADOW ? stored : row, key));
        }
        // all deletes before: of two schemas by turns, each would be a batch of its own
        for (Move move : moves) {
            byte[] row = move.stored();
            if (move.entry().kind() == Rows.Kind.ROW && row != move.entry().stored()) {
                synthetic(event, Operation.CREATE, schema);
                made.after.set(row, Rows.ROW, row.length - Rows.ROW);
                made.key.set(move.key());
                out.emit(made);
            }
        }
        move(moves, rows);
    }

    /** An entry that gets another key. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Move(Rows.Entry entry, byte[] stored, byte[] key) {}

    /** All go before any comes: one may come to where another was. */
    private void move(List<Move> moves, Rows rows) {
        for (Move move : moves) {
            key.set(move.entry().key());
            rows.remove(move.entry().kind(), key);
        }
        for (Move move : moves) {
            key.set(move.key());
            Rows.Kind kind = move.entry().kind();
            rows.put(kind, key, move.stored(), rows.get(kind, key) != null);
        }
    }

    /** Rows whose table has no key any more are found by their values. */
    private void takeKeys(Alteration alteration, Bucket bucket, Rows rows) {
        for (Rows.Entry entry : all(rows, false)) {
            byte[] stored = entry.stored();
            if (entry.kind() == Rows.Kind.ROW && !fits(alteration, bucket, stored)) {
                continue;
            }
            key.set(entry.key());
            rows.remove(entry.kind(), key);
            if (entry.kind() == Rows.Kind.SHADOW) {
                bucket.shadowGone();
            } else {
                bag.put(rows, schemaOf(stored, bucket), Bag.entry(stored));
            }
        }
    }

    /** Whether a row has a form of the schema after; not where the table keeps keys only, or a value's type has none there. */
    private boolean fits(Alteration alteration, Bucket bucket, byte[] stored) {
        return stored.length > Rows.ROW
                && builder.after(alteration, schemaOf(stored, bucket), stored, Rows.ROW, true) != null;
    }

    /** Rows whose table has got a key are found by it. */
    private void giveKeys(Alteration alteration, Bucket bucket, Rows rows) {
        for (Rows.Entry entry : all(rows, true)) {
            byte[] stored = Bag.row(entry.stored());
            TableSchema schema = schemaOf(stored, bucket);
            byte[] own = builder.keyOf(alteration, schema, stored);
            byte[] row = builder.after(alteration, schema, stored, Rows.ROW, true);
            if (own != null && row != null) { // else the key is of a column that rows of before have not
                key.set(entry.key());
                rows.remove(Rows.Kind.BAG, key);
                key.set(own);
                // what it is filled with is still to be told
                byte[] given = alteration.fills(schema) ? stored : row;
                rows.put(Rows.Kind.ROW, key, given, rows.get(Rows.Kind.ROW, key) != null);
            }
        }
    }

    private void rekey(Alteration alteration, Bucket bucket, Rows rows) {
        List<Move> moves = new ArrayList<>();
        for (Rows.Entry entry : all(rows, false)) {
            byte[] stored = entry.stored();
            TableSchema own = schemaOf(stored, bucket);
            if (stored.length == Rows.ROW) {
                continue; // of its columns only the old key is known
            }
            byte[] key = builder.keyOf(alteration, own, stored);
            byte[] row =
                    own.equals(alteration.after()) ? stored : builder.after(alteration, own, stored, Rows.ROW, true);
            if (key != null && row != null && !Arrays.equals(key, entry.key())) {
                boolean lost = row != stored && entry.kind() == Rows.Kind.SHADOW;
                moves.add(new Move(entry, lost ? Shadow.of(row, stored) : row, key));
            }
        }
        move(moves, rows);
    }

    /** Rows without a key are found again by their values: those of the columns that there are now. */
    private void refit(Event event, Alteration alteration, Bucket bucket, Rows rows, Out out) {
        List<Move> moves = new ArrayList<>();
        for (Rows.Entry entry : all(rows, true)) {
            byte[] stored = entry.stored();
            TableSchema own = schemaOf(stored, bucket);
            byte[] bare = builder.after(alteration, own, stored, Bag.ROW, false);
            byte[] filled = builder.after(alteration, own, stored, Bag.ROW, true);
            if (bare == null || filled == null) {
                continue; // a value has no such type
            }
            for (int i = alteration.fills(own) ? Bag.count(stored) : 0; i > 0; i--) {
                emitDelete(event, null, alteration, own, stored, bare, Bag.ROW, out);
                if (alteration.anew().isEmpty()) {
                    emitCreate(event, null, alteration, filled, Bag.ROW, out);
                }
            }
            moves.add(new Move(entry, filled, entry.key()));
        }
        for (Move move : moves) {
            boolean isTold = !alteration.anew().isEmpty()
                    && alteration.fills(schemaOf(move.entry().stored(), bucket));
            for (int i = isTold ? Bag.count(move.stored()) : 0; i > 0; i--) {
                emitCreate(event, null, alteration, move.stored(), Bag.ROW, out);
            }
            key.set(move.key());
            rows.remove(Rows.Kind.BAG, key);
        }
        moves.forEach(move -> bag.put(rows, alteration.after(), move.stored()));
    }

    /**
     * A row is deleted and created: to whoever folds the history by a key that the new column is part of, it is another. Both are of one schema, and
     * lie in one file, in order; but a column that another has the name of since is of the row's own.
     */
    private void emitDelete(
            Event event,
            byte @Nullable [] key,
            Alteration alteration,
            TableSchema own,
            byte[] stored,
            byte[] bare,
            int at,
            Out out) {
        boolean isOwn = !alteration.anew().isEmpty();
        byte[] before = isOwn ? stored : bare;
        synthetic(event, Operation.DELETE, isOwn ? own : alteration.after());
        made.before.set(before, at, before.length - at);
        made.beforeSchema = made.schema;
        if (isOwn && own.hasKey()) {
            made.key.set(builder.ownKey(own, stored, at)); // the key may have been another
        } else if (!isOwn && key != null) {
            made.key.set(key);
        }
        out.emit(made);
    }

    private void emitCreate(Event event, byte @Nullable [] key, Alteration alteration, byte[] filled, int at, Out out) {
        synthetic(event, Operation.CREATE, alteration.after());
        made.after.set(filled, at, filled.length - at);
        if (key != null) {
            made.key.set(key);
        }
        out.emit(made);
    }

    private static List<Rows.Entry> all(Rows rows, boolean bags) {
        List<Rows.Entry> all = new ArrayList<>();
        rows.forEach(entry -> {
            if ((entry.kind() == Rows.Kind.BAG) == bags) {
                all.add(entry.copy());
            }
            return Rows.Visit.KEEP;
        });
        return all;
    }

    private void move(Rows.Entry entry, byte[] stored, byte @Nullable [] otherKey, Rows rows) {
        key.set(entry.key());
        rows.remove(entry.kind(), key);
        key.set(otherKey == null ? entry.key() : otherKey);
        rows.put(entry.kind(), key, stored, rows.get(entry.kind(), key) != null);
    }

    /** Gives the rows of a bucket that an earlier version wrote their present form: of the second only shadows have another. */
    public void upgrade(Bucket bucket, Rows rows) {
        for (Rows.Entry entry : all(rows, false)) {
            if (!bucket.isOfFirstVersion()) {
                if (entry.kind() == Rows.Kind.SHADOW) {
                    move(entry, Shadow.of(entry.stored(), Shadow.NOWHERE, false), null, rows);
                }
                continue;
            }
            byte[] stored = Bucket.upgraded(entry.stored());
            TableSchema own = schemaOf(stored, bucket);
            move(entry, stored, own.hasKey() ? builder.keyOf(Alteration.none(own), own, stored) : null, rows);
        }
    }

    private void fill(Event event, Alteration alteration, Bucket bucket, Rows rows, Out out) {
        if (!alteration.anew().isEmpty()) {
            // of two schemas by turns, each would be a batch of its own
            fill(event, alteration, bucket, rows, out, true, false);
            fill(event, alteration, bucket, rows, out, false, true);
        } else {
            fill(event, alteration, bucket, rows, out, true, true);
        }
    }

    private void fill(
            Event event, Alteration alteration, Bucket bucket, Rows rows, Out out, boolean deletes, boolean creates) {
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            if (entry.kind() != Rows.Kind.ROW || stored.length == Rows.ROW) {
                return Rows.Visit.KEEP;
            }
            TableSchema own = schemaOf(stored, bucket);
            if (!alteration.fills(own)) {
                return Rows.Visit.KEEP;
            }
            byte[] key = builder.keyOf(alteration, own, stored);
            byte[] filled = builder.after(alteration, own, stored, Rows.ROW, true);
            byte[] bare = builder.after(alteration, own, stored, Rows.ROW, false);
            if (key == null || filled == null || bare == null) {
                return Rows.Visit.KEEP; // a type changed as well: what the row has now, only its next change says
            }
            if (deletes) {
                emitDelete(event, key, alteration, own, stored, bare, Rows.ROW, out);
            }
            if (!creates) {
                return Rows.Visit.KEEP;
            }
            emitCreate(event, key, alteration, filled, Rows.ROW, out);
            return entry.replace(filled);
        });
    }

    /**
     * A change that no event stands for; its place is that of the event which brought it about. What a snapshot or a new schema
     * brings about is no change that the source made.
     */
    private void synthetic(Event cause, Operation operation, TableSchema schema) {
        made.clear();
        made.operation = operation;
        made.schema =
                operation == Operation.DELETE ? schema.on(cause.requireSchema().topic()) : schema;
        made.partition = cause.partition;
        made.offset = cause.offset;
        made.sourceMillis = cause.sourceMillis;
        made.recordMillis = cause.recordMillis;
        made.snapshot = cause.kind != Event.Kind.ROW;
    }

    /** Takes note of what concerns all buckets of a table: a truncate, the beginning of a snapshot, its end. */
    public void mark(Event event, Bucket bucket, Rows rows, Out out) {
        TableSchema schema = event.requireSchema();
        if (bucket.isOfOtherSource(schema)) {
            return; // its snapshot says nothing of these rows
        }
        Bucket.Fence fence = bucket.fence(schema.topic(), event.partition);
        switch (event.operation) {
            case TRUNCATE -> apply(event, bucket, rows, new Unwritten(out));
            case READ -> {
                bucket.advance(fence, NO_SEQUENCE, NO_SEQUENCE);
                if (bucket.isRefused(schema)) {
                    takeAnew(schema, bucket); // it says what rows there are
                }
                if (bucket.beginSnapshot(fence, event.first, !rows.isEmpty()) && !schema.hasKey()) {
                    replaceBag(event, bucket, rows, out);
                }
            }
            default -> {
                if (bucket.endSnapshot(fence) && settingsOf(schema).sweep()) {
                    sweep(event, fence, bucket, rows, out);
                }
            }
        }
    }

    /** Takes a schema that was refused: no row is left, or the end of the snapshot will take those that are. */
    private static void takeAnew(TableSchema schema, Bucket bucket) {
        bucket.accept(schema);
        boolean unused = bucket.define(schema);
        bucket.alteredBack(schema);
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

    /** Deletes the rows that the snapshot just read does not have. */
    private void sweep(Event event, Bucket.Fence fence, Bucket bucket, Rows rows, Out out) {
        bucket.reached(fence, event.offset, true);
        String topic = event.requireSchema().topic();
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            if (entry.kind() == Rows.Kind.BAG
                    || Bytes.getInt(stored, Rows.PARTITION) != event.partition
                    || Bytes.getInt(stored, Rows.GENERATION) == fence.generation) {
                return Rows.Visit.KEEP;
            }
            TableSchema own = schemaOf(stored, bucket);
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
            synthetic(event, Operation.DELETE, isGiven && newest != null ? newest : own);
            builder.reset();
            if (isGiven || stored.length == Rows.ROW) {
                made.key.set(entry.key());
            } else if (own.hasKey()) {
                // a row that was put under an altered key still has its own schema
                made.key.set(builder.ownKey(own, stored, Rows.ROW));
            }
            if (stored.length == Rows.ROW) {
                keepKeyOnly(made);
            } else {
                made.before.set(stored, Rows.ROW, stored.length - Rows.ROW);
                made.beforeSchema = own.on(topic);
            }
            out.emit(made);
            return Rows.Visit.REMOVE;
        });
    }

    private void replaceBag(Event event, Bucket bucket, Rows rows, Out out) {
        rows.forEach(entry -> {
            if (entry.kind() != Rows.Kind.BAG) {
                return Rows.Visit.KEEP;
            }
            byte[] stored = entry.stored();
            TableSchema own = schemaOf(stored, bucket);
            for (int i = 0; i < Bag.count(stored); i++) {
                synthetic(event, Operation.DELETE, own);
                made.before.set(stored, Bag.ROW, stored.length - Bag.ROW);
                made.beforeSchema = made.schema;
                out.emit(made);
            }
            return Rows.Visit.REMOVE;
        });
    }

    /** Takes note that the newest change of a key could not be read: what later ones leave out is not known. */
    public void lose(Event event, Bucket bucket, Rows rows) {
        TableSchema schema = event.requireSchema();
        if (bucket.isOfOtherSource(schema)) {
            return;
        }
        Bucket.Fence fence = bucket.fence(schema.topic(), event.partition);
        if (place(event, fence) < 0
                || isDuplicate(event, 1, rows.get(Rows.Kind.ROW, event.key))
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
    public Verdict apply(Event event, Bucket bucket, Rows rows, Out out) {
        nulled = 0;
        anew = false;
        warned.clear();
        broken = null;
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
        boolean keyless = !truncate && !event.key.isPresent();
        Bucket.Fence fence = bucket.fence(schema.topic(), event.partition);
        int place = place(event, fence);
        // only rows that are inserted together share one place
        boolean alone = truncate || keyless && (event.operation != Operation.CREATE || fence.isRepeated());
        if (place < 0 || place == 0 && alone) {
            fence.repeats(place < 0);
            return Verdict.DUPLICATE;
        }
        bucket.reached(fence, event.offset, event.operation == Operation.DELETE || truncate);
        TableSchema newest = bucket.newest();
        boolean isAhead = streamed && place > 0 && bucket.partitions() == 1; // of several, one may be behind the other
        if (bucket.isRefused(schema)) {
            if (!rows.isEmpty() || settingsOf(schema).buckets() > 1) {
                return Verdict.KEY_TYPE;
            }
            takeAnew(schema, bucket);
        } else if (isAhead && newest != null && newest.id() != schema.id()) {
            if (!takesKeys(newest, schema, bucket, rows)) {
                bucket.refuse(schema);
                return Verdict.KEY_TYPE;
            }
            bucket.alteredBack(schema);
            alter(event, newest, bucket, rows, out);
        }
        Verdict verdict;
        if (truncate) {
            verdict = truncate(event, bucket, rows, out);
        } else if (bucket.isTruncated(event)) {
            verdict = late(event, place, bucket.truncatedOn(), bucket, Verdict.SUPERSEDED, out);
        } else if (keyless) {
            verdict = bag(event, fence, rows, out);
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
        }
        return verdict;
    }

    /** Where a change stands to the newest one of its partition; brings its position to where the bucket has it. */
    private int place(Event event, Bucket.Fence fence) {
        if (event.sequenceEvent == NO_SEQUENCE || event.sequenceCommit < 0) {
            return 1;
        }
        Bucket.Fence.move(event, fence.shift);
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
        Bucket.Fence fence = bucket.fence(event.requireSchema().topic(), event.partition);
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

    /** Of a table with several partitions, rows of the others may be newer than the truncate, or come later and be older. */
    private Verdict truncate(Event event, Bucket bucket, Rows rows, Out out) {
        bucket.truncated(event);
        boolean measured = settingsOf(event.requireSchema()).measured();
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

    private void gone(Event truncate, Rows.Entry entry, Bucket bucket, Out out) {
        byte[] stored = entry.stored();
        boolean bagged = entry.kind() == Rows.Kind.BAG;
        int row = bagged ? Bag.ROW : Rows.ROW;
        for (int i = 0; i < (bagged ? Bag.count(stored) : 1); i++) {
            synthetic(truncate, Operation.DELETE, schemaOf(stored, bucket));
            made.snapshot = true; // the truncate is the source's change
            made.before.set(stored, row, stored.length - row);
            made.beforeSchema = made.schema;
            out.gone(made);
        }
    }

    private Verdict row(Event event, int place, Bucket.Fence fence, Bucket bucket, Rows rows, Out out) {
        byte[] prior = rows.get(Rows.Kind.ROW, event.key);
        byte[] shadow = bucket.hasShadows() ? rows.get(Rows.Kind.SHADOW, event.key) : null;
        boolean again = event.replay >= 0;
        if (!again && (isDuplicate(event, place, prior) || isDuplicate(event, place, shadow) && shadow != null)) {
            byte[] newer = isDuplicate(event, place, prior) ? prior : shadow;
            return newer == null || sequence(newer) == event.sequenceEvent
                    ? Verdict.DUPLICATE
                    : late(event, place, Bytes.getInt(newer, Rows.PARTITION), bucket, Verdict.DUPLICATE, out);
        }
        if (!again && prior == null && bucket.isDeleted(event)) {
            if (event.oldKey.isPresent()) {
                byte[] unused = bucket.unpark(event.oldKey); // nothing else comes for it
            }
            return late(event, place, bucket.deletedOn(event), bucket, Verdict.SUPERSEDED, out);
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
            byte[] moved = bucket.unpark(event.oldKey);
            base = moved == null ? rows.get(Rows.Kind.ROW, event.oldKey) : moved;
        } else if (event.operation == Operation.CREATE && !again) {
            base = null; // nothing to fill a new row from
        }
        ChangelogSettings table = settingsOf(event.requireSchema());
        if (!fill(event, base, bucket, table) || !validate(event, table)) {
            shadow(event, fence, bucket, rows);
            return broken == null ? Verdict.UNSENT : Verdict.INVALID;
        }
        boolean ordered = event.sequenceEvent != NO_SEQUENCE || event.oldKey.isPresent();
        if (prior != null && event.operation == Operation.CREATE && ordered && !again) {
            bucket.displace(event, prior);
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
            setBefore(told, prior, bucket);
            told.operation = event.operation == Operation.CREATE ? Operation.UPDATE : event.operation;
        } else if (shadow != null && event.operation == Operation.UPDATE) {
            told.operation = Operation.CREATE; // the one before never came through
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    /**
     * A change that another partition is ahead of: the history gets it, the row stays as it is.
     *
     * @param place where it stands to the newest one of its own partition
     * @param partition that is ahead
     * @param otherwise what it is if it was delivered again
     */
    private Verdict late(Event event, int place, int partition, Bucket bucket, Verdict otherwise, Out out) {
        if (event.replay >= 0 || place <= 0 || !bucket.isLate(event, partition)) {
            return otherwise;
        }
        if (event.operation != Operation.DELETE) {
            ChangelogSettings table = settingsOf(event.requireSchema());
            if (!fill(event, null, bucket, table) || !validate(event, table)) {
                return broken == null ? Verdict.UNSENT : Verdict.INVALID;
            }
        }
        told.of(event);
        told.late = true;
        told.before.clear();
        if (event.operation == Operation.DELETE) {
            told.after.clear();
            told.unseen = true;
            if (event.key.isPresent()) {
                keepKeyOnly(told);
            } else {
                told.before.set(event.before);
                told.beforeSchema = told.schema;
            }
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    private static long sequence(byte[] stored) {
        return Bytes.getLong(stored, Rows.SEQUENCE);
    }

    private static boolean isDuplicate(Event event, int place, byte @Nullable [] prior) {
        if (event.sequenceEvent == NO_SEQUENCE) {
            return false;
        }
        // a delete comes first at its place: what was there is itself, or what the other half of its key's change made
        return place == 0 && event.operation == Operation.DELETE
                || prior != null && Bytes.getLong(prior, Rows.SEQUENCE) >= event.sequenceEvent;
    }

    private Verdict delete(
            Event event, byte @Nullable [] prior, byte @Nullable [] shadow, Bucket bucket, Rows rows, Out out) {
        byte[] displaced = event.replay < 0 ? bucket.displaced(event) : null;
        if (displaced != null) {
            if (event.moved) {
                bucket.park(event.key, displaced);
            }
            return Verdict.SUPERSEDED;
        }
        byte[] newest = shadow == null ? prior : shadow;
        if (shadow != null) {
            rows.remove(Rows.Kind.SHADOW, event.key);
            bucket.shadowGone();
        }
        if (event.moved && newest != null) {
            bucket.park(event.key, newest);
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
            keepKeyOnly(told);
            told.unseen = true;
        } else {
            rows.remove(Rows.Kind.ROW, event.key);
            if (prior.length > Rows.ROW) {
                setBefore(told, prior, bucket);
            } else {
                keepKeyOnly(told);
            }
        }
        out.emit(told);
        return Verdict.APPLIED;
    }

    private void put(Event event, Bucket.Fence fence, byte @Nullable [] prior, ChangelogSettings table, Rows rows) {
        byte[] stored = stored(event, fence, table.state() == StateMode.ROWS);
        rows.put(Rows.Kind.ROW, event.key, stored, prior != null);
    }

    private void shadow(Event event, Bucket.Fence fence, Bucket bucket, Rows rows) {
        byte[] before = bucket.hasShadows() ? rows.get(Rows.Kind.SHADOW, event.key) : null;
        boolean only = before == null || Shadow.offset(before) == event.offset && Shadow.isOnly(before);
        bucket.reached(fence, Math.max(fence.newest, event.offset), false);
        byte[] shadow = Shadow.of(stored(event, fence, true), event.offset, only);
        rows.put(Rows.Kind.SHADOW, event.key, shadow, before != null);
        if (before == null) {
            bucket.shadowMade();
        }
    }

    private static byte[] stored(Event event, Bucket.Fence fence, boolean whole) {
        byte[] stored = new byte[Rows.ROW + (whole ? event.after.length() : 0)];
        Bytes.putLong(stored, Rows.SCHEMA_ID, event.schemaId);
        Bytes.putLong(stored, Rows.SEQUENCE, event.sequenceEvent);
        Bytes.putInt(stored, Rows.GENERATION, fence.generation);
        Bytes.putInt(stored, Rows.PARTITION, event.partition);
        if (whole) {
            System.arraycopy(event.after.bytes(), event.after.offset(), stored, Rows.ROW, event.after.length());
        }
        return stored;
    }

    /** Of a row that was never seen only the key is certain: the rest of {@code before} may be made up. */
    private void keepKeyOnly(Change change) {
        int length = builder.keyOnly(change.schema, change.key);
        change.before.set(builder.buffer(), builder.start(), length);
        change.beforeSchema = change.schema;
    }

    private static void setBefore(Change change, byte[] prior, Bucket bucket) {
        if (prior.length == Rows.ROW) {
            return; // the table keeps keys only
        }
        change.before.set(prior, Rows.ROW, prior.length - Rows.ROW);
        // the place of the change is on its own topic, wherever the row came from
        change.beforeSchema = schemaOf(prior, bucket).on(change.schema.topic());
    }

    static TableSchema schemaOf(byte[] stored, Bucket bucket) {
        long id = Bytes.getLong(stored, Rows.SCHEMA_ID);
        TableSchema schema = bucket.schema(id);
        if (schema == null) {
            throw new IllegalStateException(
                    "a row is kept in schema %016x, which its bucket does not know".formatted(id));
        }
        return schema;
    }

    /** Puts the earlier row's values where the source left unchanged ones out; false if one stays unknown. */
    private boolean fill(Event event, byte @Nullable [] base, Bucket bucket, ChangelogSettings table) {
        reader.open(event.requireSchema(), event.after.bytes(), event.after.offset());
        if (!reader.hasUnsent()) {
            return true;
        }
        boolean known = base != null && base.length > Rows.ROW;
        TableSchema baseSchema = known && base != null ? schemaOf(base, bucket) : null;
        boolean nulls = table.unsent() == Unsent.NULL;
        int length = builder.fill(event.requireSchema(), event.after, baseSchema, base, nulls);
        event.after.set(builder.buffer(), builder.start(), length);
        nulled += nulls ? builder.unknown() : 0;
        return builder.unknown() == 0 && patch(event) || nulls && !event.patch.isPresent();
    }

    /** Brings a document up to date of which only the difference was sent; false if the one before is not known. */
    private boolean patch(Event event) {
        if (!event.patch.isPresent()) {
            return true;
        }
        TableSchema schema = event.requireSchema();
        int column = schema.columns().size() - 1; // beside its id
        Object before = builder.value(schema, event.after, column);
        if (!(before instanceof String document)) {
            return false;
        }
        Slice update = event.patch;
        String patched;
        try {
            patched = DocumentPatch.apply(
                    document, new String(update.bytes(), update.offset(), update.length(), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return false;
        }
        int length = builder.withText(schema, event.after, column, patched);
        event.after.set(builder.buffer(), builder.start(), length);
        return true;
    }

    /** Checks the rules; false if one that rejects is broken. */
    private boolean validate(Event event, ChangelogSettings table) {
        if (table.rules().isEmpty()) {
            return true;
        }
        TableSchema schema = event.requireSchema();
        List<Integer> nulls = new ArrayList<>();
        long now = Math.max(event.sourceMillis, event.recordMillis);
        for (Rule rule : table.rules()) {
            int column = schema.indexOf(rule.column());
            ColumnType type =
                    column < 0 ? ColumnType.TEXT : schema.columns().get(column).type();
            Object value = column < 0 || nulls.contains(column) ? null : builder.value(schema, event.after, column);
            if (rule.holds(type, value, now == 0 ? Long.MAX_VALUE : now)) {
                continue;
            }
            switch (rule.action()) {
                case REJECT -> {
                    broken = rule;
                    return false;
                }
                case WARN -> warned.add(rule);
                case NULL -> {
                    warned.add(rule);
                    if (column >= 0) {
                        nulls.add(column);
                    }
                }
            }
        }
        if (!nulls.isEmpty()) {
            int length = builder.withNulls(schema, event.after, nulls);
            event.after.set(builder.buffer(), builder.start(), length);
            nulled += nulls.size();
        }
        return true;
    }

    // ---- tables without a key

    private Verdict bag(Event event, Bucket.Fence fence, Rows rows, Out out) {
        TableSchema schema = event.requireSchema();
        if (event.operation != Operation.DELETE && !validate(event, settingsOf(schema))) {
            return Verdict.INVALID;
        }
        if (event.operation == Operation.DELETE || event.operation == Operation.UPDATE) {
            if (!event.before.isPresent()) {
                return event.operation == Operation.DELETE
                        ? Verdict.NOTHING
                        : append(told.of(event), event.operation, event, fence, rows, out);
            }
            byte[] taken = bag.take(rows, schema, event.before);
            boolean isAlike = taken != null && Bytes.getLong(taken, Rows.SCHEMA_ID) == schema.id();
            if (event.operation == Operation.DELETE) {
                told.of(event);
                told.after.clear();
                asTaken(told, isAlike ? taken : null);
                told.unseen = taken == null;
                out.emit(told);
                return Verdict.APPLIED;
            }
            // a row without a key has no identity that an update could keep
            synthetic(event, Operation.DELETE, schema);
            made.before.set(event.before);
            asTaken(made, isAlike ? taken : null);
            made.beforeSchema = schema;
            made.unseen = taken == null;
            out.emit(made);
            return append(told.of(event), Operation.CREATE, event, fence, rows, out);
        }
        return append(told.of(event), event.operation, event, fence, rows, out);
    }

    /** The row as the sinks have it. */
    private static void asTaken(Change delete, byte @Nullable [] taken) {
        if (taken != null) {
            delete.before.set(taken, Bag.ROW, taken.length - Bag.ROW);
            delete.beforeSchema = delete.schema;
        }
    }

    private Verdict append(Change change, Operation operation, Event event, Bucket.Fence fence, Rows rows, Out out) {
        bag.add(rows, event, fence.generation);
        change.operation = operation;
        change.before.clear();
        out.emit(change);
        return Verdict.APPLIED;
    }
}
