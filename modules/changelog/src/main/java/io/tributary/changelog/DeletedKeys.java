package io.tributary.changelog;

import io.tributary.change.Event;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Keys of one topic whose rows are deleted, for as long as another partition may bring what they were before: it would bring them
 * back. A partition that has come past the delete cannot any more, so few are kept where partitions keep up with each other.
 */
final class DeletedKeys {
    /** As many are kept where one does not; the oldest is forgotten first. */
    private static final int MOST = 100_000;
    /** Where only one partition is known yet. */
    private static final int MOST_OF_ONE = 1000;

    private final Map<RowKey, Place> keys = new LinkedHashMap<>();
    /** When there are so many, all are looked at: one that cannot be forgotten may stand before those that can. */
    private int lookAt = MOST_OF_ONE;

    /**
     * Where a key was deleted.
     *
     * @param commit the last commit before it, in the source's order, and itself
     * @param millis by the source's clock
     * @param transaction a hash of its id
     */
    private record Place(int partition, long commit, long event, long millis, int transaction) {
        boolean isAfter(Event event) {
            if (event.sequenceEvent < 0) { // of a snapshot
                return event.sourceMillis < millis;
            }
            if (event.sourceMillis > millis) {
                return false; // a rebuilt source counts anew
            }
            if (event.oldKey.isPresent() && hash(event) == transaction) {
                return false; // keys were shifted: this row came to the key before the other one left it
            }
            return Fence.compare(commit, this.event, event.sequenceCommit, event.sequenceEvent) < 0;
        }

        /** Whether what was before it can come no more; later ones of its own transaction have its commit. */
        boolean isPassed(long slowest) {
            return event <= slowest && commit < slowest;
        }
    }

    private static int hash(Event event) {
        return Arrays.hashCode(event.transaction.isPresent() ? event.transaction.copy() : new byte[0]);
    }

    /**
     * Takes a delete.
     *
     * @param slowest the last commit that all partitions have come to; negative if that is not known
     * @param several whether there is more than one
     */
    void add(Event delete, long slowest, boolean several) {
        RowKey key = new RowKey(delete.key.copy());
        keys.remove(key); // the newest is at the end
        keys.put(
                key,
                new Place(
                        delete.partition,
                        delete.sequenceCommit,
                        delete.sequenceEvent,
                        delete.sourceMillis,
                        hash(delete)));
        int most = several ? MOST : MOST_OF_ONE;
        Iterator<Place> oldest = keys.values().iterator();
        while (oldest.hasNext() && (oldest.next().isPassed(slowest) || keys.size() > most)) {
            oldest.remove();
        }
        if (keys.size() > lookAt) {
            forget(slowest);
        }
    }

    /** Forgets all that can be; true if there was any. */
    boolean forget(long slowest) {
        boolean any = keys.values().removeIf(place -> place.isPassed(slowest));
        lookAt = Math.max(MOST_OF_ONE, 2 * keys.size());
        return any;
    }

    /** Whether a change of the key came before its delete, from another partition. */
    boolean covers(Event event) {
        return aheadOf(event) >= 0;
    }

    /** The other partition, by which the delete came; -1 where there is none. */
    int aheadOf(Event event) {
        @Nullable Place place = keys.isEmpty() ? null : keys.get(new RowKey(event.key.copy()));
        return place != null && place.partition != event.partition && place.isAfter(event) ? place.partition : -1;
    }

    int size() {
        return keys.size();
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(keys.size());
        for (Map.Entry<RowKey, Place> entry : keys.entrySet()) {
            byte[] key = entry.getKey().toBytes();
            Place place = entry.getValue();
            out.writeInt(key.length);
            out.write(key);
            out.writeInt(place.partition);
            out.writeLong(place.commit);
            out.writeLong(place.event);
            out.writeLong(place.millis);
            out.writeInt(place.transaction);
        }
    }

    static DeletedKeys read(DataInputStream in) throws IOException {
        DeletedKeys read = new DeletedKeys();
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            RowKey key = new RowKey(in.readNBytes(in.readInt()));
            read.keys.put(key, new Place(in.readInt(), in.readLong(), in.readLong(), in.readLong(), in.readInt()));
        }
        return read;
    }
}
