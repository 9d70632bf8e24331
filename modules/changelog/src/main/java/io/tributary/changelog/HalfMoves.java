package io.tributary.changelog;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes of keys of which one half has come, in topics of several partitions. A connector that is stopped between the two loses the create
 * (Debezium's issue dbz#2549). Once all partitions are past its place it cannot come any more. Of topics of one partition decode knows.
 */
final class HalfMoves {
    /** Of a topic: one statement may change all keys of a table, while a partition is far behind. */
    static final int MOST = 50_000;
    /** Of a longer record the letter has the place alone: these are kept in each checkpoint. */
    private static final int LONGEST_ORIGIN = 64 << 10;
    /** Of a topic. */
    private static final int MOST_ORIGINS = 1 << 20;

    /**
     * How long after a half all partitions must have been written to: one that was added is known only once something of it has come, and
     * the source looks for such every few seconds.
     */
    private static final long MARGIN_MILLIS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(HalfMoves.class);

    private final Map<String, Halves> topics = new HashMap<>();
    private boolean dirty;

    /** Both halves have one, in the source's own order. */
    private record Place(long commit, long event) implements Comparable<Place> {
        private static final Comparator<Place> ORDER =
                Comparator.comparingLong(Place::commit).thenComparingLong(Place::event);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * A delete.
     *
     * @param millis when it was written; 0 where that is not known
     * @param origin the record, as its dead letter has it; empty where it is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    record Left(int partition, long offset, long millis, byte[] origin) {}

    /** Those of a topic. */
    private static final class Halves {
        /** The deletes whose creates have not come, and the creates whose deletes have not. */
        final TreeMap<Place, Left> left = new TreeMap<>();

        /** Of each, when it was written. */
        final TreeMap<Place, Long> came = new TreeMap<>();
        /** The last commit of which halves were forgotten, so that none of those up to it is known: there were too many. */
        long forgotten = -1;

        private long origins;
        private long looked = -1;

        boolean isEmpty() {
            return left.isEmpty() && came.isEmpty();
        }

        void add(Place place, Left half) {
            left.put(place, half);
            origins += half.origin.length;
        }

        void gone(Left half) {
            origins -= half.origin.length;
        }
    }

    boolean isEmpty() {
        return topics.isEmpty();
    }

    /** Whether anything has changed since {@link #write}. */
    boolean isDirty() {
        return dirty;
    }

    void clear() {
        dirty |= !isEmpty();
        topics.clear();
    }

    /** Takes note of a half. */
    void half(Event event) {
        String topic = event.requireSchema().topic();
        Halves halves = topics.computeIfAbsent(topic, name -> new Halves());
        Place place = new Place(event.sequenceCommit, event.sequenceEvent);
        if (place.commit <= halves.forgotten) {
            return;
        }
        dirty = true;
        if (event.operation == Operation.DELETE) {
            if (halves.came.remove(place) == null) {
                halves.add(
                        place,
                        new Left(event.partition, event.offset, event.recordMillis, origin(event, halves.origins)));
            }
        } else {
            Left delete = halves.left.remove(place);
            if (delete == null) {
                halves.came.put(place, event.recordMillis);
            } else {
                halves.gone(delete);
            }
        }
        if (halves.left.size() + halves.came.size() > MOST) {
            forget(topic, halves);
        } else if (halves.isEmpty() && halves.forgotten < 0) {
            topics.remove(topic);
        }
    }

    private static byte[] origin(Event event, long kept) {
        boolean isKept = event.origin.isPresent()
                && event.origin.length() <= LONGEST_ORIGIN
                && kept + event.origin.length() <= MOST_ORIGINS;
        return isKept ? event.origin.copy() : new byte[0];
    }

    /** All of those that are known: the other halves of some alone would be taken for lost ones. */
    private static void forget(String topic, Halves halves) {
        long left = halves.left.isEmpty() ? -1 : halves.left.lastKey().commit;
        halves.forgotten = halves.came.isEmpty() ? left : Math.max(left, halves.came.lastKey().commit);
        halves.left.clear();
        halves.came.clear();
        halves.origins = 0;
        LOG.warn(
                "{}: {} changes of keys wait for their other halves, since a partition is behind; if a connector loses a create"
                        + " up to commit {}, no dead letter tells: compare the table with ./tributary audit",
                topic,
                MOST,
                halves.forgotten);
    }

    /**
     * The deletes whose creates cannot come any more.
     *
     * @param slowest the last commit that all partitions of the topic know of: what is to come is of later ones
     * @param written all of them know of a record that was written then, or later; 0 where that is not known
     */
    List<Left> takeLost(String topic, long slowest, long written) {
        Halves halves = topics.get(topic);
        if (halves == null || slowest == halves.looked) {
            return List.of();
        }
        halves.looked = slowest;
        List<Left> lost = new ArrayList<>();
        while (!halves.left.isEmpty()
                && isPast(halves.left.firstKey(), halves.left.firstEntry().getValue().millis, slowest, written)) {
            Left delete = halves.left.pollFirstEntry().getValue();
            halves.gone(delete);
            lost.add(delete);
        }
        while (!halves.came.isEmpty()
                && isPast(halves.came.firstKey(), halves.came.firstEntry().getValue(), slowest, written)) {
            halves.came.pollFirstEntry();
            dirty = true;
        }
        dirty |= !lost.isEmpty();
        if (halves.isEmpty() && halves.forgotten < slowest) {
            topics.remove(topic);
            dirty = true;
        }
        return lost;
    }

    private static boolean isPast(Place place, long millis, long slowest, long written) {
        return place.commit < slowest && (written == 0 || millis + MARGIN_MILLIS <= written);
    }

    void write(DataOutputStream out) throws IOException {
        dirty = false;
        out.writeInt(topics.size());
        for (Map.Entry<String, Halves> topic : topics.entrySet()) {
            out.writeUTF(topic.getKey());
            write(out, topic.getValue());
        }
    }

    private static void write(DataOutputStream out, Halves halves) throws IOException {
        out.writeLong(halves.forgotten);
        out.writeInt(halves.left.size());
        for (Map.Entry<Place, Left> half : halves.left.entrySet()) {
            write(out, half.getKey());
            out.writeInt(half.getValue().partition);
            out.writeLong(half.getValue().offset);
            out.writeLong(half.getValue().millis);
            BucketFormat.write(out, half.getValue().origin);
        }
        out.writeInt(halves.came.size());
        for (Map.Entry<Place, Long> half : halves.came.entrySet()) {
            write(out, half.getKey());
            out.writeLong(half.getValue());
        }
    }

    private static void write(DataOutputStream out, Place place) throws IOException {
        out.writeLong(place.commit);
        out.writeLong(place.event);
    }

    void read(DataInputStream in) throws IOException {
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            topics.put(in.readUTF(), readHalves(in));
        }
    }

    private static Halves readHalves(DataInputStream in) throws IOException {
        Halves halves = new Halves();
        halves.forgotten = in.readLong();
        int deletes = in.readInt();
        for (int i = 0; i < deletes; i++) {
            halves.add(readPlace(in), new Left(in.readInt(), in.readLong(), in.readLong(), BucketFormat.read(in)));
        }
        int creates = in.readInt();
        for (int i = 0; i < creates; i++) {
            halves.came.put(readPlace(in), in.readLong());
        }
        return halves;
    }

    /** As the ninth version of the bucket had them. */
    void readFirst(DataInputStream in) throws IOException {
        int deletes = in.readInt();
        for (int i = 0; i < deletes; i++) {
            Halves halves = topics.computeIfAbsent(in.readUTF(), name -> new Halves());
            halves.add(readPlace(in), new Left(in.readInt(), in.readLong(), 0, BucketFormat.read(in)));
        }
        int creates = in.readInt();
        for (int i = 0; i < creates; i++) {
            topics.computeIfAbsent(in.readUTF(), name -> new Halves()).came.put(readPlace(in), 0L);
        }
    }

    private static Place readPlace(DataInputStream in) throws IOException {
        return new Place(in.readLong(), in.readLong());
    }
}
