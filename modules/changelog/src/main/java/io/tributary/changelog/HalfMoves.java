package io.tributary.changelog;

import io.tributary.change.Event;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Changes of keys of which one half has come, in topics of several partitions. A connector that is stopped between the two loses the create
 * (Debezium's issue dbz#2549). Once all partitions are past its place it cannot come any more. Of topics of one partition decode knows.
 */
final class HalfMoves {
    /** Of each kind: halves follow each other closely, but a partition may be far behind. */
    private static final int MOST = 1000;
    /** Of a longer record the letter has the place alone: these are kept in each checkpoint. */
    private static final int LONGEST_ORIGIN = 64 << 10;

    /** The deletes whose creates have not come, and the creates whose deletes have not. */
    private final Map<Place, Left> left = new LinkedHashMap<>();

    private final Map<Place, Boolean> came = new LinkedHashMap<>();
    private boolean dirty;

    /** Both halves have one, in the source's own order. */
    private record Place(String topic, long commit, long event) {
        static Place of(Event event) {
            return new Place(event.requireSchema().topic(), event.sequenceCommit, event.sequenceEvent);
        }
    }

    /**
     * A delete.
     *
     * @param origin the record, as its dead letter has it; empty where it is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    record Left(int partition, long offset, byte[] origin) {}

    boolean isEmpty() {
        return left.isEmpty() && came.isEmpty();
    }

    /** Whether anything has changed since {@link #write}. */
    boolean isDirty() {
        return dirty;
    }

    void clear() {
        dirty |= !isEmpty();
        left.clear();
        came.clear();
    }

    /** Takes note of the delete. */
    void left(Event event) {
        Place place = Place.of(event);
        if (came.remove(place) == null) {
            left.put(place, new Left(event.partition, event.offset, origin(event)));
            bound(left);
        }
        dirty = true;
    }

    private static byte[] origin(Event event) {
        boolean isKept = event.origin.isPresent() && event.origin.length() <= LONGEST_ORIGIN;
        return isKept ? event.origin.copy() : new byte[0];
    }

    /** Takes note of the create. */
    void came(Event event) {
        Place place = Place.of(event);
        if (left.remove(place) == null) {
            came.put(place, true);
            bound(came);
        }
        dirty = true;
    }

    private static void bound(Map<Place, ?> halves) {
        if (halves.size() > MOST) {
            Iterator<Place> oldest = halves.keySet().iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /**
     * The deletes whose creates cannot come any more.
     *
     * @param slowest the last commit that all partitions of the topic know of: what is to come is of later ones
     */
    List<Left> takeLost(String topic, long slowest) {
        List<Left> lost = new ArrayList<>();
        for (Iterator<Map.Entry<Place, Left>> all = left.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Place, Left> half = all.next();
            if (half.getKey().topic.equals(topic) && half.getKey().commit < slowest) {
                lost.add(half.getValue());
                all.remove();
            }
        }
        boolean isPast = came.keySet().removeIf(place -> place.topic.equals(topic) && place.commit < slowest);
        dirty |= isPast || !lost.isEmpty();
        return lost;
    }

    void write(DataOutputStream out) throws IOException {
        dirty = false;
        out.writeInt(left.size());
        for (Map.Entry<Place, Left> half : left.entrySet()) {
            write(out, half.getKey());
            out.writeInt(half.getValue().partition);
            out.writeLong(half.getValue().offset);
            BucketFormat.write(out, half.getValue().origin);
        }
        out.writeInt(came.size());
        for (Place place : came.keySet()) {
            write(out, place);
        }
    }

    private static void write(DataOutputStream out, Place place) throws IOException {
        out.writeUTF(place.topic);
        out.writeLong(place.commit);
        out.writeLong(place.event);
    }

    void read(DataInputStream in) throws IOException {
        int deletes = in.readInt();
        for (int i = 0; i < deletes; i++) {
            left.put(readPlace(in), new Left(in.readInt(), in.readLong(), BucketFormat.read(in)));
        }
        int creates = in.readInt();
        for (int i = 0; i < creates; i++) {
            came.put(readPlace(in), true);
        }
    }

    private static Place readPlace(DataInputStream in) throws IOException {
        return new Place(in.readUTF(), in.readLong(), in.readLong());
    }
}
