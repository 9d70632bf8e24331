package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The order of MySQL's and MariaDB's events. With GTIDs each server, or each domain, counts its transactions: a lower number was
 * there before, also when another server has taken over and its log has other places. Within a transaction
 * {@code transaction.total_order} tells, where the connector gives it. Where it does not, what a connector delivers again after a start, or behind an older
 * transaction, is known by its contents: positions do not order the rows of compressed transactions, nor those of MariaDB since 11.4.
 * Without GTIDs there is one server, whose log is an order. What was written after all that came is new, whatever its place: a server that
 * was restored counts anew.
 *
 * <p>Both halves of a changed key have one number, as PostgreSQL gives them one position.
 */
final class BinlogOrder implements SourceOrder {
    /** The headers of a changed key's create, and of the connector's present run. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private static final String RUN = "__debezium.context.runId";

    /** The rows of one transaction that fit between its number and that of the next one; more push the next ones on. */
    private static final int TRANSACTION_BITS = 24;

    private static final int FILE_BITS = 40;
    private static final int POSITION_BITS = 8;
    /** As many servers or domains are remembered; more come only from a hostile source. */
    private static final int MOST_ORIGINS = 256;
    /** As many rows of one transaction are known by their contents: 8 MB. */
    private static final int MOST_SEEN = 1 << 20;

    private static final int VERSION = 1;

    private long last;
    /** The newest time of an event, by its source. */
    private long newestMillis;

    private final Map<String, Origin> origins = new LinkedHashMap<>(16, 0.75f, true);
    /** Of events without a GTID: the newest one's place. */
    private Place newest = Place.NONE;

    /**
     * A place in a server's logs.
     *
     * @param log the logs' name, without the number
     * @param pos where the event with the row begins, whose {@code row}th it is
     * @param isHalf whether it is the create of a changed key, behind its delete
     */
    private record Place(String log, long file, long pos, long row, boolean isHalf) implements Comparable<Place> {
        static final Place NONE = new Place("", -1, -1, -1, false);
        private static final Comparator<Place> ORDER = Comparator.comparingLong(Place::file)
                .thenComparingLong(Place::pos)
                .thenComparingLong(Place::row)
                .thenComparing(Place::isHalf);

        static Place of(Envelope envelope) {
            SourceBlock source = envelope.source;
            String name = source.text(envelope.value, BinlogDialect.FILE);
            int dot = name.lastIndexOf('.');
            long file = dot < 0 ? -1 : number(name.substring(dot + 1));
            long pos = number(source.text(envelope.value, BinlogDialect.POS));
            long row = number(source.text(envelope.value, BinlogDialect.ROW));
            return file < 0 || pos < 0 || row < 0
                    ? NONE
                    : new Place(name.substring(0, dot), file, pos, row, envelope.record.headers.has(OLD_KEY));
        }

        boolean isIn(Place other) {
            return log.equals(other.log) && file >= 0 && other.file >= 0;
        }

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }

        void write(DataOutputStream out) throws IOException {
            out.writeUTF(log);
            out.writeLong(file);
            out.writeLong(pos);
            out.writeLong(row);
            out.writeBoolean(isHalf);
        }

        static Place read(DataInputStream in) throws IOException {
            return new Place(in.readUTF(), in.readLong(), in.readLong(), in.readLong(), in.readBoolean());
        }
    }

    /** What is known of one server's, or one domain's, newest transaction. */
    private static final class Origin {
        long number = -1;
        /** The number of its first event here. */
        long first;

        /** Its newest event's order in the transaction, and whether that was the create of a changed key. */
        long order = -1;

        boolean isHalf;
        Place place = Place.NONE;
        /** Whether places were seen to order the rows of a transaction. */
        boolean isOrderly;

        String run = "";
        /** Hashes of what its events say, where the connector gives no order. */
        long[] seen = new long[4];

        int count;
        /** Whether it may be delivered again; and the next of those seen that will be, or -1. */
        boolean isAgain;

        int next = -1;

        void begin(long newer) {
            number = newer;
            order = -1;
            isHalf = false;
            place = Place.NONE;
            count = 0;
            isAgain = false;
            next = -1;
        }

        void mayComeAgain() {
            isAgain = true;
            next = -1;
        }

        /** Takes the place of an event of the newest transaction: where it is not behind the one before it, that one comes again. */
        void look(Place now) {
            if (now.isIn(place)) {
                int order = now.compareTo(place);
                isOrderly |= order > 0;
                if (order <= 0 && isOrderly && (!isAgain || next == count)) {
                    mayComeAgain();
                }
            }
        }

        void add(long hash) {
            if (count == seen.length) {
                seen = Arrays.copyOf(seen, count * 2);
            }
            if (count < MOST_SEEN) {
                seen[count++] = hash;
            }
        }

        int indexOf(long hash) {
            for (int i = 0; i < count; i++) {
                if (seen[i] == hash) {
                    return i;
                }
            }
            return count;
        }
    }

    @Override
    public boolean place(Envelope envelope, Event event) {
        if (event.operation == Operation.READ || envelope.source.snapshot) {
            if (event.snapshot && event.first) {
                origins.clear();
                newest = Place.NONE; // what comes is of this snapshot, wherever the log begins
            }
            return true;
        }
        boolean isLater = newestMillis > 0 && event.sourceMillis > newestMillis;
        newestMillis = Math.max(newestMillis, event.sourceMillis);
        if (isNew(envelope, event)) {
            return true;
        }
        if (!isLater) {
            return false;
        }
        origins.clear(); // it was written after all that came: not delivered again, but its server counts anew
        newest = Place.NONE;
        return isNew(envelope, event);
    }

    private boolean isNew(Envelope envelope, Event event) {
        SourceBlock source = envelope.source;
        boolean half = envelope.record.headers.has(OLD_KEY);
        String gtid = source.text(envelope.value, BinlogDialect.GTID);
        int end = gtid.lastIndexOf(gtid.indexOf(':') >= 0 ? ':' : '-');
        long number = end < 0 ? -1 : number(gtid.substring(end + 1));
        if (number < 0) {
            return placeInLog(envelope, event, half);
        }
        // MySQL: server:number, or server:tag:number; MariaDB: domain-server-number
        String who = gtid.substring(0, gtid.indexOf(':') >= 0 ? end : gtid.indexOf('-'));
        Origin origin = origins.computeIfAbsent(who, w -> new Origin());
        if (origins.size() > MOST_ORIGINS) {
            origins.remove(origins.keySet().iterator().next());
        }
        String run = text(envelope.record.headers.value(RUN));
        if (!run.equals(origin.run)) {
            if (!origin.run.isEmpty()) {
                origin.mayComeAgain();
            }
            origin.run = run;
        }
        if (number < origin.number) {
            origin.mayComeAgain(); // all that is behind it
            return false;
        }
        if (number == origin.number && wasThere(envelope, event, origin, half)) {
            return false;
        }
        if (number > origin.number) {
            origin.begin(number);
            origin.first = Math.max(last + 1, origins.size() == 1 ? number << TRANSACTION_BITS : 0);
            wasThere(envelope, event, origin, half);
            last = origin.first;
        } else {
            last = half ? last : last + 1;
        }
        event.sequenceCommit = origin.first;
        event.sequenceEvent = last;
        return true;
    }

    /** Whether an event of the newest transaction is one that came before; else takes note of it. */
    private static boolean wasThere(Envelope envelope, Event event, Origin origin, boolean half) {
        if (envelope.source.totalOrder >= 0) {
            boolean isOld = envelope.source.totalOrder < origin.order
                    || envelope.source.totalOrder == origin.order && (!half || origin.isHalf);
            if (!isOld) {
                origin.order = envelope.source.totalOrder;
                origin.isHalf = half;
            }
            return isOld;
        }
        long hash = hash(event);
        Place place = Place.of(envelope);
        origin.look(place);
        if (origin.isAgain) {
            int index = origin.next >= 0 ? origin.next : origin.indexOf(hash);
            if (index < origin.count && origin.seen[index] == hash) {
                origin.next = index + 1;
                return true;
            }
            origin.isAgain = false;
        }
        if (place.isIn(origin.place) && place.compareTo(origin.place) == 0) {
            origin.isOrderly = false;
        }
        origin.place = place;
        origin.add(hash);
        return false;
    }

    private boolean placeInLog(Envelope envelope, Event event, boolean half) {
        Place place = Place.of(envelope);
        if (place.equals(Place.NONE)) {
            return true; // it tells no place
        }
        if (place.isIn(newest) && place.compareTo(newest) <= 0) {
            return false;
        }
        newest = place;
        last = half ? last : Math.max(last + 1, place.file << FILE_BITS | place.pos << POSITION_BITS);
        event.sequenceCommit = last;
        event.sequenceEvent = last;
        return true;
    }

    /** -1 for what is no number. */
    private static long number(String digits) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : -1;
    }

    private static String text(byte @Nullable [] header) {
        return header == null ? "" : new String(header, StandardCharsets.UTF_8);
    }

    private static long hash(Event event) {
        long hash = 0xcbf29ce484222325L ^ event.operation.ordinal();
        hash = hash(hash, event.key);
        hash = hash(hash, event.oldKey);
        hash = hash(hash, event.before);
        return hash(hash, event.after);
    }

    /** FNV-1a, with the slice's end. */
    private static long hash(long before, Slice slice) {
        long hash = before;
        for (int i = slice.offset(); i < slice.offset() + slice.length(); i++) {
            hash = (hash ^ slice.bytes()[i]) * 0x100000001b3L;
        }
        return (hash ^ 0x100) * 0x100000001b3L;
    }

    @Override
    public void write(DataOutputStream out) throws IOException {
        out.writeByte(VERSION);
        out.writeLong(last);
        out.writeLong(newestMillis);
        newest.write(out);
        out.writeInt(origins.size());
        for (Map.Entry<String, Origin> entry : origins.entrySet()) {
            Origin origin = entry.getValue();
            out.writeUTF(entry.getKey());
            out.writeLong(origin.number);
            out.writeLong(origin.first);
            out.writeLong(origin.order);
            out.writeBoolean(origin.isHalf);
            origin.place.write(out);
            out.writeBoolean(origin.isOrderly);
            out.writeUTF(origin.run);
            out.writeBoolean(origin.isAgain);
            out.writeInt(origin.next);
            out.writeInt(origin.count);
            for (int i = 0; i < origin.count; i++) {
                out.writeLong(origin.seen[i]);
            }
        }
    }

    @Override
    public void read(DataInputStream in) throws IOException {
        int version = in.readByte();
        if (version != VERSION) {
            throw new IOException("cannot read the order of a partition's events: it is of version " + version);
        }
        last = in.readLong();
        newestMillis = in.readLong();
        newest = Place.read(in);
        int size = in.readInt();
        for (int i = 0; i < size; i++) {
            Origin origin = new Origin();
            origins.put(in.readUTF(), origin);
            origin.number = in.readLong();
            origin.first = in.readLong();
            origin.order = in.readLong();
            origin.isHalf = in.readBoolean();
            origin.place = Place.read(in);
            origin.isOrderly = in.readBoolean();
            origin.run = in.readUTF();
            origin.isAgain = in.readBoolean();
            origin.next = in.readInt();
            int count = in.readInt();
            for (int j = 0; j < count; j++) {
                origin.add(in.readLong());
            }
        }
    }
}
