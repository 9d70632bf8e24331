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

/**
 * Knows what a connector of MySQL or MariaDB delivers again: when it is started, it goes on from an offset that is behind what it had
 * sent, so that the newest part of a partition comes again, in its order, and then what is new. Nothing is taken for such a part without
 * one of these:
 *
 * <ul>
 *   <li>a transaction that was there before another one. Transactions do not mix in a log, so this holds at any time;
 *   <li>a place in the log, without GTIDs, that is before the newest transaction's;
 *   <li>an event of the newest transaction, if the connector was started since or went back: the same contents at the same
 *       place, in the same order. On another server, whose places are lower, contents alone.
 * </ul>
 *
 * <p>What was written after all that came is new. So is what cannot be told: a change may be there twice, and is never
 * dropped on a guess. Numbers of GTIDs are no order: servers with parallel workers commit them out of it.
 */
final class BinlogOrder implements SourceOrder {
    private static final String RUN = "__debezium.context.runId";

    /** Letters of a GTID, a log's name or a run; they are no longer than 100 or so. */
    private static final int LONGEST = 512;
    /** Events of one transaction that are known one by one. */
    private static final int MOST_EVENTS = 8192;

    private static final int VERSION = 1;

    private String run = "";
    /** Whether the newest part may come again, and has not ended yet. */
    private boolean isAgain;
    /** The newest time of an event, by its source. */
    private long newestMillis;

    private final Transactions transactions = new Transactions();
    private final Newest newest = new Newest();

    /**
     * A place in a server's logs.
     *
     * @param log the logs' name, without the number
     * @param pos where the event with the row begins, whose {@code row}th it is
     */
    private record Place(String log, long file, long pos, long row) {
        static final Place NONE = new Place("", -1, -1, -1);
        private static final Comparator<Place> TRANSACTIONS =
                Comparator.comparingLong(Place::file).thenComparingLong(Place::pos);
        private static final Comparator<Place> EVENTS = TRANSACTIONS.thenComparingLong(Place::row);

        static Place of(Envelope envelope) {
            String name = text(envelope, BinlogDialect.FILE);
            int dot = name.lastIndexOf('.');
            long file = dot < 0 ? -1 : number(name.substring(dot + 1));
            long pos = number(text(envelope, BinlogDialect.POS));
            long row = number(text(envelope, BinlogDialect.ROW));
            return file < 0 || pos < 0 || row < 0 ? NONE : new Place(name.substring(0, dot), file, pos, row);
        }

        boolean isIn(Place other) {
            return file >= 0 && other.file >= 0 && log.equals(other.log);
        }

        /** A transaction without a GTID is told by where its event begins. */
        String transaction() {
            return file < 0 ? "" : log + '.' + file + ':' + pos;
        }

        boolean isOfTransactionBefore(Place other) {
            return isIn(other) && TRANSACTIONS.compare(this, other) < 0;
        }

        boolean isBefore(Place other) {
            return EVENTS.compare(this, other) < 0;
        }

        void write(DataOutputStream out) throws IOException {
            out.writeUTF(log);
            out.writeLong(file);
            out.writeLong(pos);
            out.writeLong(row);
        }

        static Place read(DataInputStream in) throws IOException {
            return new Place(in.readUTF(), in.readLong(), in.readLong(), in.readLong());
        }
    }

    /** The newest transactions but for the very last, by a hash of their GTIDs: the oldest is forgotten. */
    private static final class Transactions {
        private static final int MOST = 1024;
        private long[] hashes = new long[16];
        private int count;
        /** Where the next one goes, once there is no room. */
        private int next;

        void add(long hash) {
            if (count < MOST) {
                hashes = count == hashes.length ? Arrays.copyOf(hashes, count * 2) : hashes;
                hashes[count++] = hash;
            } else {
                hashes[next] = hash;
                next = (next + 1) % MOST;
            }
        }

        boolean has(long hash) {
            for (int i = 0; i < count; i++) {
                if (hashes[i] == hash) {
                    return true;
                }
            }
            return false;
        }

        void clear() {
            count = 0;
            next = 0;
        }

        void write(DataOutputStream out) throws IOException {
            out.writeInt(count);
            out.writeInt(next);
            for (int i = 0; i < count; i++) {
                out.writeLong(hashes[i]);
            }
        }

        void read(DataInputStream in) throws IOException {
            int size = in.readInt();
            int then = in.readInt();
            for (int i = 0; i < size; i++) {
                add(in.readLong());
            }
            next = then;
        }
    }

    /** The transaction that came last, of which there may be more. */
    private static final class Newest {
        String id = "";
        Place first = Place.NONE;
        Place last = Place.NONE;
        /** Whether places rise from row to row, and not only within one event: then they are an order. */
        boolean isOrderly = true;

        boolean hasSeveralEvents;

        /** Of its events, what they say, and the same with their places. */
        private long[] contents = new long[4];

        private long[] placed = new long[4];
        private int count;
        /** The next of them that will come again, or -1. */
        private int next = -1;

        void begin(String transaction) {
            id = transaction;
            first = Place.NONE;
            last = Place.NONE;
            isOrderly = true;
            hasSeveralEvents = false;
            if (contents.length > 64) {
                contents = new long[4];
                placed = new long[4];
            }
            count = 0;
            next = -1;
        }

        void add(Place place, long content) {
            first = count == 0 ? place : first;
            isOrderly &= count == 0 || place.isIn(last) && last.isBefore(place);
            hasSeveralEvents |= count > 0 && last.isOfTransactionBefore(place);
            last = place;
            if (count == contents.length && count < MOST_EVENTS) {
                contents = Arrays.copyOf(contents, count * 2);
                placed = Arrays.copyOf(placed, count * 2);
            }
            if (count < contents.length) {
                contents[count] = content;
                placed[count] = placed(place, content);
            }
            count++;
        }

        /** Whether an event of it was there before, where it may come again. */
        boolean has(Place place, long content) {
            if (!place.isIn(first) || place.isBefore(first)) {
                return comesAgain(contents, content); // another server's
            }
            if (comesAgain(placed, placed(place, content))) {
                return true;
            }
            return count > placed.length && isOrderly && hasSeveralEvents && !last.isBefore(place);
        }

        /** The first of what comes again is any of what was there; then one follows the other. */
        private boolean comesAgain(long[] seen, long hash) {
            int known = Math.min(count, seen.length);
            if (next >= 0) {
                boolean isNext = next < known && seen[next] == hash;
                next += isNext ? 1 : 0;
                return isNext;
            }
            for (int i = 0; i < known; i++) {
                if (seen[i] == hash) {
                    next = i + 1;
                    return true;
                }
            }
            return false;
        }

        private static long placed(Place place, long content) {
            return ((content * 31 + place.file) * 31 + place.pos) * 31 + place.row;
        }

        void write(DataOutputStream out) throws IOException {
            out.writeUTF(id);
            first.write(out);
            last.write(out);
            out.writeBoolean(isOrderly);
            out.writeBoolean(hasSeveralEvents);
            out.writeInt(next);
            out.writeInt(count);
            int known = Math.min(count, contents.length);
            out.writeInt(known);
            for (int i = 0; i < known; i++) {
                out.writeLong(contents[i]);
                out.writeLong(placed[i]);
            }
        }

        void read(DataInputStream in) throws IOException {
            id = in.readUTF();
            first = Place.read(in);
            last = Place.read(in);
            isOrderly = in.readBoolean();
            hasSeveralEvents = in.readBoolean();
            next = in.readInt();
            count = in.readInt();
            int known = in.readInt();
            contents = new long[Math.max(4, known)];
            placed = new long[Math.max(4, known)];
            for (int i = 0; i < known; i++) {
                contents[i] = in.readLong();
                placed[i] = in.readLong();
            }
        }
    }

    @Override
    public boolean isNew(Envelope envelope, Event event) {
        if (event.operation == Operation.READ || envelope.source.snapshot) {
            if (event.snapshot && event.first) {
                transactions.clear();
                newest.begin(""); // what comes is of this snapshot, wherever the log begins
                isAgain = false;
            }
            return true;
        }
        byte[] header = envelope.record.headers.value(RUN);
        String now = header == null ? "" : new String(header, StandardCharsets.UTF_8);
        String gtid = text(envelope, BinlogDialect.GTID);
        Place place = Place.of(envelope);
        String transaction = gtid.isEmpty() ? place.transaction() : gtid;
        if (transaction.isEmpty() || now.length() > LONGEST) {
            return true; // it tells no place
        }
        if (!now.equals(run)) {
            if (!run.isEmpty()) {
                goBack();
            }
            run = now;
        }
        boolean isLater = newestMillis > 0 && event.sourceMillis > newestMillis;
        newestMillis = Math.max(newestMillis, event.sourceMillis);
        long content = hash(event);
        if (!isLater && wasThere(transaction, gtid.isEmpty(), place, content)) {
            return false;
        }
        isAgain = false;
        if (!transaction.equals(newest.id)) {
            if (!newest.id.isEmpty()) {
                transactions.add(hash(newest.id));
            }
            newest.begin(transaction);
        }
        newest.add(place, content);
        return true;
    }

    private boolean wasThere(String transaction, boolean isByPlace, Place place, long content) {
        if (transaction.equals(newest.id)) {
            return isAgain && newest.has(place, content);
        }
        boolean isBefore = isByPlace ? place.isOfTransactionBefore(newest.last) : transactions.has(hash(transaction));
        if (isBefore) {
            goBack(); // and all that is behind it comes again
        }
        return isBefore;
    }

    private void goBack() {
        isAgain = true;
        newest.next = -1;
    }

    /** Empty for what is longer than any that a server has. */
    private static String text(Envelope envelope, int field) {
        SourceBlock source = envelope.source;
        return source.start(field) < 0 || source.length(field) > LONGEST ? "" : source.text(envelope.value, field);
    }

    /** -1 for what is no number. */
    private static long number(String digits) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : -1;
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

    private static long hash(String text) {
        Slice slice = new Slice();
        slice.set(text.getBytes(StandardCharsets.UTF_8));
        return hash(0xcbf29ce484222325L, slice);
    }

    @Override
    public void write(DataOutputStream out) throws IOException {
        out.writeByte(VERSION);
        out.writeUTF(run);
        out.writeBoolean(isAgain);
        out.writeLong(newestMillis);
        transactions.write(out);
        newest.write(out);
    }

    @Override
    public void read(DataInputStream in) throws IOException {
        int version = in.readByte();
        if (version != VERSION) {
            throw new IOException("cannot read the order of a partition's events: it is of version " + version);
        }
        run = in.readUTF();
        isAgain = in.readBoolean();
        newestMillis = in.readLong();
        transactions.read(in);
        newest.read(in);
    }
}
