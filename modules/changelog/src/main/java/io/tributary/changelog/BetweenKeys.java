package io.tributary.changelog;

import io.tributary.change.Event;
import io.tributary.change.Slice;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of which one half of a changed key has come, and not the other. */
final class BetweenKeys {
    /** Rows between two keys: halves of a changed key follow each other closely, also over several partitions. */
    private static final int MOST_BETWEEN = 1000;

    /** Rows whose key has changed, by their old key, until the create under the new one comes. */
    private final Map<RowKey, byte[]> parked = new LinkedHashMap<>();
    /** Rows whose key was taken by another one, until their delete comes. */
    private final Map<RowKey, Displaced> displaced = new LinkedHashMap<>();

    private boolean dirty;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Displaced(byte[] transaction, byte[] stored) {}

    /** Whether anything has changed since {@link #write}. */
    boolean isDirty() {
        return dirty;
    }

    void clear() {
        dirty |= !parked.isEmpty() || !displaced.isEmpty();
        parked.clear();
        displaced.clear();
    }

    void park(Slice key, byte[] stored) {
        parked.put(new RowKey(key.copy()), stored);
        bound(parked);
        dirty = true;
    }

    byte @Nullable [] unpark(Slice key) {
        if (parked.isEmpty()) {
            return null;
        }
        byte[] stored = parked.remove(new RowKey(key.copy()));
        dirty |= stored != null;
        return stored;
    }

    /** A create on a live key: the row there has not gone yet. Its delete comes in the same transaction, or never. */
    void displace(Event event, byte[] stored) {
        byte[] transaction = transactionOf(event);
        displaced.values().removeIf(other -> !Arrays.equals(other.transaction, transaction));
        displaced.put(new RowKey(event.key.copy()), new Displaced(transaction, stored));
        bound(displaced);
        dirty = true;
    }

    /** The row that this delete is of, if its key was taken before; else null. */
    byte @Nullable [] displaced(Event event) {
        if (displaced.isEmpty()) {
            return null;
        }
        RowKey key = new RowKey(event.key.copy());
        Displaced row = displaced.get(key);
        if (row == null || !Arrays.equals(row.transaction, transactionOf(event))) {
            return null;
        }
        displaced.remove(key);
        dirty = true;
        return row.stored;
    }

    private static byte[] transactionOf(Event event) {
        return event.transaction.isPresent() ? event.transaction.copy() : new byte[0];
    }

    private static void bound(Map<RowKey, ?> rows) {
        if (rows.size() > MOST_BETWEEN) {
            Iterator<RowKey> oldest = rows.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    void write(DataOutputStream out) throws IOException {
        dirty = false;
        out.writeInt(parked.size());
        for (Map.Entry<RowKey, byte[]> entry : parked.entrySet()) {
            BucketFormat.write(out, entry.getKey().toBytes());
            BucketFormat.write(out, entry.getValue());
        }
        out.writeInt(displaced.size());
        for (Map.Entry<RowKey, Displaced> entry : displaced.entrySet()) {
            BucketFormat.write(out, entry.getKey().toBytes());
            BucketFormat.write(out, entry.getValue().transaction);
            BucketFormat.write(out, entry.getValue().stored);
        }
    }

    void read(DataInputStream in) throws IOException {
        int rows = in.readInt();
        for (int i = 0; i < rows; i++) {
            parked.put(new RowKey(BucketFormat.read(in)), BucketFormat.read(in));
        }
        int taken = in.readInt();
        for (int i = 0; i < taken; i++) {
            displaced.put(
                    new RowKey(BucketFormat.read(in)), new Displaced(BucketFormat.read(in), BucketFormat.read(in)));
        }
    }
}
