package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.Slice;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Knows what a connector of MySQL or MariaDB delivers again: when it is started, it goes on from an offset that is behind what it had
 * sent, so that the newest events of a partition come again, in their order, and then what is new.
 *
 * <p>An event was there before if one of its transaction, with its contents and at its place, is among the newest, and the connector was
 * started since; or, at any time, if another transaction followed. On another server, whose places are lower, contents alone tell.
 * Behind a start, of transactions so old that their events are forgotten, the name tells. What was written after all that came is new, and so is
 * what cannot be told: numbers of GTIDs, places and the time are no order that always holds.
 */
final class BinlogOrder implements SourceOrder {
    /** The fields of a source that it asks for, in their order. */
    static final List<String> FIELDS = List.of("gtid", "file", "pos", "row");

    private static final int GTID = 0;
    private static final int FILE = 1;
    private static final int POS = 2;
    private static final int ROW = 3;

    private static final String RUN = "__debezium.context.runId";

    /** Letters of a GTID, a log's name or a run; they are no longer than 100 or so. */
    private static final int LONGEST = 512;

    private static final int VERSION = 1;

    private String run = "";
    /** The numbers of the events that may come again and have not yet; none where they are equal. */
    private long next;

    private long end;

    private boolean inSnapshot;
    /** The newest time of an event, by its source, but for one of the future. */
    private long newestMillis;
    /** Where the newest event is: the log's name without its number, that, and the place. */
    private String log = "";

    private long file = -1;
    private long pos = -1;
    /** The name of the newest event's transaction, as a hash. */
    private long newest;

    private final Memory events = new Memory(8192);
    private final Memory transactions = new Memory(1024);

    /** The newest of a sequence of hashes, two of each; the oldest is forgotten. */
    private static final class Memory {
        private final int most;
        private long[] first = new long[4];
        private long[] second = new long[4];
        /** How many there ever were. */
        private long count;

        Memory(int most) {
            this.most = most;
        }

        void add(long one, long other) {
            if (count == first.length && count < most) {
                int more = (int) Math.min(most, count * 2);
                first = Arrays.copyOf(first, more);
                second = Arrays.copyOf(second, more);
            }
            int at = (int) (count % first.length);
            first[at] = one;
            second[at] = other;
            count++;
        }

        /** The number of the oldest that is remembered. */
        long oldest() {
            return Math.max(0, count - first.length);
        }

        /** The first that has a hash, between two numbers; -1 if none has. */
        long find(long from, long to, long hash, boolean isFirst) {
            long[] hashes = isFirst ? first : second;
            for (long i = Math.max(from, oldest()); i < to; i++) {
                if (hashes[(int) (i % hashes.length)] == hash) {
                    return i;
                }
            }
            return -1;
        }

        long second(long number) {
            return second[(int) (number % second.length)];
        }

        void clear() {
            first = new long[4];
            second = new long[4];
            count = 0;
        }

        void write(DataOutputStream out) throws IOException {
            out.writeLong(count);
            out.writeInt(first.length);
            for (int i = 0; i < Math.min(count, first.length); i++) {
                out.writeLong(first[i]);
                out.writeLong(second[i]);
            }
        }

        void read(DataInputStream in) throws IOException {
            count = in.readLong();
            first = new long[in.readInt()];
            second = new long[first.length];
            for (int i = 0; i < Math.min(count, first.length); i++) {
                first[i] = in.readLong();
                second[i] = in.readLong();
            }
        }
    }

    @Override
    public boolean isNew(SourcePlace place, RawRecord.Headers headers, Event event) {
        if (event.operation == Operation.READ || place.snapshot) {
            if (event.snapshot && !inSnapshot) {
                forget(); // what comes is of this snapshot, wherever the log begins
            }
            inSnapshot = event.snapshot;
            return true;
        }
        inSnapshot = false;
        byte[] header = headers.value(RUN);
        String now = header == null ? "" : new String(header, StandardCharsets.UTF_8);
        String gtid = text(place, GTID);
        String fileName = text(place, FILE);
        String posText = text(place, POS);
        String name = gtid.isEmpty() ? fileName + ':' + posText : gtid;
        if (name.length() < 2 || now.length() > LONGEST) {
            return true; // it tells no place
        }
        if (!now.equals(run)) {
            if (!run.isEmpty()) {
                mayComeAgain(events.oldest());
            }
            run = now;
        }
        int dot = Math.max(0, fileName.lastIndexOf('.'));
        String logNow = fileName.substring(0, dot);
        long fileNow = number(fileName.substring(Math.min(dot + 1, fileName.length())));
        long posNow = number(posText);
        boolean isElsewhere =
                !logNow.equals(log) || fileNow < file || fileNow == file && posNow < pos; // maybe another server
        long transaction = hash(name);
        long contents = transaction ^ hash(event);
        long placed = contents * 31 + hash(fileName + ':' + posText + ':' + text(place, ROW));
        boolean isThere = isThere(transaction, contents, placed, isElsewhere);
        long millis = event.recordMillis > 0 ? Math.min(event.sourceMillis, event.recordMillis) : event.sourceMillis;
        boolean isLater = newestMillis > 0 && millis > newestMillis;
        newestMillis = Math.max(newestMillis, millis);
        if (isThere && !isLater) {
            return false;
        }
        if (isThere) {
            forget(); // written after all that came, under a name that was there: its server counts anew
            newestMillis = millis;
        }
        log = logNow;
        file = fileNow;
        pos = posNow;
        add(transaction, contents, placed);
        return true;
    }

    private void add(long transaction, long contents, long placed) {
        if (transaction != newest) {
            if (number(transaction) < 0) {
                end = next; // behind one that is new all is
            }
            transactions.add(transaction, events.count);
            newest = transaction;
        }
        events.add(placed, contents);
    }

    /** Of a transaction among those that are remembered; -1 where it is not. */
    private long number(long transaction) {
        return transactions.find(0, transactions.count, transaction, true);
    }

    private void mayComeAgain(long from) {
        next = from;
        end = events.count;
    }

    private boolean isThere(long transaction, long contents, long placed, boolean isElsewhere) {
        boolean isAgain = next < end;
        if (!isAgain && (transaction == newest || number(transaction) < 0)) {
            return false; // as nearly always
        }
        long from = isAgain ? next : 0;
        long to = isAgain ? end : events.count;
        long found = events.find(from, to, placed, true);
        if (found < 0 && isAgain && isElsewhere) {
            found = events.find(from, to, contents, false);
        }
        if (found >= 0) {
            next = found + 1;
            end = to;
            return true;
        }
        if (!isAgain || transaction == newest) {
            return false;
        }
        // so old that its events are not remembered, or not all
        long known = number(transaction);
        return known >= 0 && transactions.second(known) < events.oldest();
    }

    private void forget() {
        events.clear();
        transactions.clear();
        next = 0;
        end = 0;
        newest = 0;
        newestMillis = 0;
        log = "";
        file = -1;
        pos = -1;
    }

    /** -1 for what is no number. */
    private static long number(String digits) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() <= 18 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : -1;
    }

    /** Empty for what is longer than any that a server has. */
    private static String text(SourcePlace place, int field) {
        return place.start(field) < 0 || place.length(field) > LONGEST ? "" : place.text(field);
    }

    /** What an event says, and of which table. */
    private static long hash(Event event) {
        long hash = hash(event.requireSchema().table().toString()) ^ event.operation.ordinal();
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
        out.writeLong(next);
        out.writeLong(end);
        out.writeBoolean(inSnapshot);
        out.writeLong(newestMillis);
        out.writeUTF(log);
        out.writeLong(file);
        out.writeLong(pos);
        out.writeLong(newest);
        events.write(out);
        transactions.write(out);
    }

    @Override
    public void read(DataInputStream in) throws IOException {
        int version = in.readByte();
        if (version != VERSION) {
            throw new IOException("cannot read the order of a partition's events: it is of version " + version);
        }
        run = in.readUTF();
        next = in.readLong();
        end = in.readLong();
        inSnapshot = in.readBoolean();
        newestMillis = in.readLong();
        log = in.readUTF();
        file = in.readLong();
        pos = in.readLong();
        newest = in.readLong();
        events.read(in);
        transactions.read(in);
    }
}
