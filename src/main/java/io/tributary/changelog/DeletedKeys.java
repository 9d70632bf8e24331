package io.tributary.changelog;

import io.tributary.change.Change;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys whose rows are deleted, for as long as another partition of the topic may bring what they were before: it would bring them
 * back. A partition that has come past the delete cannot any more, so few are kept where partitions keep up with each other.
 */
final class DeletedKeys {
    /** As many are kept where one does not; the oldest is forgotten first. */
    private static final int MOST = 100_000;
    /** Where only one partition is known yet. */
    private static final int MOST_OF_ONE = 1000;

    private final Map<RowKey, Place> keys = new LinkedHashMap<>();

    /** Where a key was deleted, in the source's order and by its clock. */
    private record Place(int partition, long event, long millis) {
        boolean isAfter(Change change) {
            return change.sequenceEvent < 0 // of a snapshot
                    ? change.sourceMillis < millis
                    : change.sequenceEvent < event && change.sourceMillis <= millis; // a rebuilt source counts anew
        }
    }

    /**
     * Takes a delete.
     *
     * @param slowest up to where, in the source's order, all partitions have come; negative if that is not known
     * @param several whether there is more than one
     */
    void add(Change delete, long slowest, boolean several) {
        RowKey key = new RowKey(delete.key.copy());
        keys.remove(key); // the newest is at the end
        keys.put(key, new Place(delete.partition, delete.sequenceEvent, delete.sourceMillis));
        Iterator<Place> oldest = keys.values().iterator();
        int most = several ? MOST : MOST_OF_ONE;
        while (oldest.hasNext() && (oldest.next().event <= slowest || keys.size() > most)) {
            oldest.remove();
        }
    }

    /** Whether a change of the key came before its delete, from another partition. */
    boolean covers(Change change) {
        if (keys.isEmpty()) {
            return false;
        }
        Place place = keys.get(new RowKey(change.key.copy()));
        return place != null && place.partition != change.partition && place.isAfter(change);
    }

    int size() {
        return keys.size();
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(keys.size());
        for (Map.Entry<RowKey, Place> entry : keys.entrySet()) {
            byte[] key = entry.getKey().toBytes();
            out.writeInt(key.length);
            out.write(key);
            out.writeInt(entry.getValue().partition);
            out.writeLong(entry.getValue().event);
            out.writeLong(entry.getValue().millis);
        }
    }

    void read(DataInputStream in) throws IOException {
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            RowKey key = new RowKey(in.readNBytes(in.readInt()));
            keys.put(key, new Place(in.readInt(), in.readLong(), in.readLong()));
        }
    }
}
