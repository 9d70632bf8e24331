package io.tributary.changelog;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a new schema does to the rows that there are: they get what a column was added with, have renamed columns by their new names, are found by an altered key.
 */
final class Alterations {
    private final TablePolicies settings;
    private final RowBuilder builder;
    private final Bag bag;
    private final ShapedRows shaped;
    private final Made made;
    private final Slice key = new Slice();

    Alterations(TablePolicies settings, ShapedRows shaped, RowBuilder builder, Bag bag, Made made) {
        this.settings = settings;
        this.shaped = shaped;
        this.builder = builder;
        this.bag = bag;
        this.made = made;
    }

    /**
     * Takes note of a schema before its first row. Rows from before a column was added get its default, rows from before one
     * was renamed have it by its new name, rows from before the key was altered their new key; rows without a key are as the source's next events will have them.
     */
    void define(Event event, Bucket bucket, Rows rows, Changelog.Out out) {
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

    void alter(Event event, TableSchema before, Bucket bucket, Rows rows, Changelog.Out out) {
        if (shaped.isRefused(event.requireSchema())) {
            return; // its changes are dead letters, and the rows stay as the sinks have them
        }
        boolean appends = event.sequenceEvent != Changelog.NO_SEQUENCE && event.appends;
        Alteration alteration = retyped(Alteration.of(before, event.requireSchema(), appends), appends, bucket, rows);
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
    private Alteration retyped(Alteration alteration, boolean appends, Bucket bucket, Rows rows) {
        String last = appends ? alteration.lastThatWasText() : null;
        if (last == null || settings.of(alteration.after()).buckets() > 1) {
            return alteration;
        }
        boolean[] hasText = {false};
        boolean[] isCast = {false};
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            int at = entry.kind() == Rows.Kind.BAG ? Bag.ROW : Rows.ROW;
            String text = stored.length == at ? null : builder.text(Stored.schemaOf(stored, bucket), stored, at, last);
            hasText[0] |= text != null;
            isCast[0] |= text != null && Alteration.isNumber(text);
            return Rows.Visit.KEEP;
        });
        return hasText[0] && !isCast[0] ? alteration.withAnew(last) : alteration;
    }

    /** Whether rows are found by keys of the schema after: of a table in several buckets, another key may lie in another of them. */
    boolean takesKeys(TableSchema before, TableSchema after, Bucket bucket, Rows rows) {
        if (!KeyConversions.differ(before, after)) {
            return true;
        }
        if (settings.of(after).buckets() > 1) {
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
                        entry.key(), Stored.schemaOf(entry.stored(), bucket).keyTypes(), alteration.after())
                : entry.key();
    }

    private boolean isOfOtherTypes(Rows.Entry entry, Bucket bucket, Alteration alteration) {
        TableSchema own = Stored.schemaOf(entry.stored(), bucket);
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
    private void retype(Event event, Alteration alteration, Bucket bucket, Rows rows, Changelog.Out out) {
        TableSchema schema = alteration.after();
        List<Move> moves = new ArrayList<>();
        for (Rows.Entry entry : all(rows, false)) {
            byte[] stored = entry.stored();
            byte[] key = keyAfter(entry, bucket, alteration);
            if (key == null || !isOfOtherTypes(entry, bucket, alteration)) {
                continue; // of a shadow, its next change says what it is
            }
            TableSchema own = Stored.schemaOf(stored, bucket);
            byte[] row = stored.length == Rows.ROW ? null : builder.after(alteration, own, stored, Rows.ROW, true);
            if (row != null && entry.kind() == Rows.Kind.ROW) {
                made.of(event, Operation.DELETE, own);
                made.change.before.set(stored, Rows.ROW, stored.length - Rows.ROW);
                made.change.beforeSchema = made.change.schema;
                made.change.key.set(entry.key());
                out.emit(made.change);
            }
            moves.add(new Move(entry, row == null || entry.kind() == Rows.Kind.SHADOW ? stored : row, key));
        }
        // all deletes before: of two schemas by turns, each would be a batch of its own
        for (Move move : moves) {
            byte[] row = move.stored();
            if (move.entry().kind() == Rows.Kind.ROW && row != move.entry().stored()) {
                made.of(event, Operation.CREATE, schema);
                made.change.after.set(row, Rows.ROW, row.length - Rows.ROW);
                made.change.key.set(move.key());
                out.emit(made.change);
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
                bag.put(rows, Stored.schemaOf(stored, bucket), Bag.entry(stored));
            }
        }
    }

    /** Whether a row has a form of the schema after; not where the table keeps keys only, or a value's type has none there. */
    private boolean fits(Alteration alteration, Bucket bucket, byte[] stored) {
        return stored.length > Rows.ROW
                && builder.after(alteration, Stored.schemaOf(stored, bucket), stored, Rows.ROW, true) != null;
    }

    /** Rows whose table has got a key are found by it. */
    private void giveKeys(Alteration alteration, Bucket bucket, Rows rows) {
        for (Rows.Entry entry : all(rows, true)) {
            byte[] stored = Bag.row(entry.stored());
            TableSchema schema = Stored.schemaOf(stored, bucket);
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
            TableSchema own = Stored.schemaOf(stored, bucket);
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
    private void refit(Event event, Alteration alteration, Bucket bucket, Rows rows, Changelog.Out out) {
        List<Move> moves = new ArrayList<>();
        for (Rows.Entry entry : all(rows, true)) {
            byte[] stored = entry.stored();
            TableSchema own = Stored.schemaOf(stored, bucket);
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
                    && alteration.fills(Stored.schemaOf(move.entry().stored(), bucket));
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
            Changelog.Out out) {
        boolean isOwn = !alteration.anew().isEmpty();
        byte[] before = isOwn ? stored : bare;
        made.of(event, Operation.DELETE, isOwn ? own : alteration.after());
        made.change.before.set(before, at, before.length - at);
        made.change.beforeSchema = made.change.schema;
        if (isOwn && own.hasKey()) {
            made.change.key.set(builder.ownKey(own, stored, at)); // the key may have been another
        } else if (!isOwn && key != null) {
            made.change.key.set(key);
        }
        out.emit(made.change);
    }

    private void emitCreate(
            Event event, byte @Nullable [] key, Alteration alteration, byte[] filled, int at, Changelog.Out out) {
        made.of(event, Operation.CREATE, alteration.after());
        made.change.after.set(filled, at, filled.length - at);
        if (key != null) {
            made.change.key.set(key);
        }
        out.emit(made.change);
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
    void upgrade(Bucket bucket, Rows rows) {
        for (Rows.Entry entry : all(rows, false)) {
            if (!bucket.isOfFirstVersion()) {
                if (entry.kind() == Rows.Kind.SHADOW) {
                    move(entry, Shadow.of(entry.stored(), Shadow.NOWHERE, false), null, rows);
                }
                continue;
            }
            byte[] stored = BucketFormat.upgraded(entry.stored());
            TableSchema own = Stored.schemaOf(stored, bucket);
            move(entry, stored, own.hasKey() ? builder.keyOf(Alteration.none(own), own, stored) : null, rows);
        }
    }

    private void fill(Event event, Alteration alteration, Bucket bucket, Rows rows, Changelog.Out out) {
        if (!alteration.anew().isEmpty()) {
            // of two schemas by turns, each would be a batch of its own
            fill(event, alteration, bucket, rows, out, true, false);
            fill(event, alteration, bucket, rows, out, false, true);
        } else {
            fill(event, alteration, bucket, rows, out, true, true);
        }
    }

    private void fill(
            Event event,
            Alteration alteration,
            Bucket bucket,
            Rows rows,
            Changelog.Out out,
            boolean deletes,
            boolean creates) {
        rows.forEach(entry -> {
            byte[] stored = entry.stored();
            if (entry.kind() != Rows.Kind.ROW || stored.length == Rows.ROW) {
                return Rows.Visit.KEEP;
            }
            TableSchema own = Stored.schemaOf(stored, bucket);
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
}
