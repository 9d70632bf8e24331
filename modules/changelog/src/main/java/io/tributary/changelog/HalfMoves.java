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
import java.util.TreeSet;
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
     * @param origin the record, as its dead letter has it; empty where it is not known
     */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    record Left(int partition, long offset, byte[] origin) {}

    /** Those of a topic. */
    private static final class Halves {
        /** The deletes whose creates have not come, and the creates whose deletes have not. */
        final TreeMap<Place, Left> left = new TreeMap<>();

        final TreeSet<Place> came = new TreeSet<>();
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
            if (!halves.came.remove(place)) {
                halves.add(place, new Left(event.partition, event.offset, origin(event, halves.origins)));
            }
        } else {
            Left delete = halves.left.remove(place);
            if (delete == null) {
                halves.came.add(place);
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
        halves.came.addAll(halves.left.keySet());
        halves.forgotten = halves.came.last().commit;
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
     */
    List<Left> takeLost(String topic, long slowest) {
        Halves halves = topics.get(topic);
        if (halves == null || slowest == halves.looked) {
            return List.of();
        }
        halves.looked = slowest;
        Place next = new Place(slowest, Long.MIN_VALUE);
        Map<Place, Left> past = halves.left.headMap(next);
        List<Left> lost = new ArrayList<>(past.values());
        lost.forEach(halves::gone);
        past.clear();
        int came = halves.came.size();
        halves.came.headSet(next).clear();
        dirty |= came > halves.came.size() || !lost.isEmpty();
        if (halves.isEmpty() && halves.forgotten < slowest) {
            topics.remove(topic);
            dirty = true;
        }
        return lost;
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
            BucketFormat.write(out, half.getValue().origin);
        }
        out.writeInt(halves.came.size());
        for (Place place : halves.came) {
            write(out, place);
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
            halves.add(readPlace(in), new Left(in.readInt(), in.readLong(), BucketFormat.read(in)));
        }
        int creates = in.readInt();
        for (int i = 0; i < creates; i++) {
            halves.came.add(readPlace(in));
        }
        return halves;
    }

    private static Place readPlace(DataInputStream in) throws IOException {
        return new Place(in.readLong(), in.readLong());
    }
}
