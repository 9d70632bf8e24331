package io.tributary.changelog;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket knows beside its rows: the schemas of the rows it holds or expects, how far each source partition has come,
 * and the rows that are between two keys.
 */
public final class Bucket {
    private static final int VERSION = 8;
    /** From here on it is known when the newest record of a partition was written. */
    private static final int WRITTEN_VERSION = 8;
    /** Since then its rows are counted. */
    private static final int COUNTED_VERSION = 7;
    /** Since then it has schemas that are refused; fences know the newest time, and how far positions that began anew are moved. */
    private static final int SHIFTS_VERSION = 6;
    /** Since then it has the keys that were deleted. */
    private static final int DELETED_VERSION = 5;
    /** Since then it has what became of current rows. */
    private static final int SHOWN_VERSION = 4;
    /** Since then fences have the newest offsets. */
    private static final int OFFSETS_VERSION = 3;
    /** In the first version a stored row had neither generation nor partition. */
    private static final int FIRST_ROW = 16;

    private static final int FIRST_VERSION = 1;
    /** Rows between two keys: halves of a changed key follow each other closely, also over several partitions. */
    private static final int MOST_BETWEEN = 1000;

    private static final int CHANGES_BETWEEN_LOOKS = 10_000;
    /** A position of 48 bits, as PostgreSQL's are, can be added to it. */
    private static final long MOST_SHIFT = 1L << 62;

    private final Map<Long, TableSchema> schemas = new LinkedHashMap<>();
    private final Map<Long, TableSchema> refused = new HashMap<>();
    private final Map<SourcePartition, Fence> fences = new HashMap<>();
    /** Rows whose key has changed, by their old key, until the create under the new one comes. */
    private final Map<RowKey, byte[]> parked = new LinkedHashMap<>();
    /** Rows whose key was taken by another one, until their delete comes. */
    private final Map<RowKey, Displaced> displaced = new LinkedHashMap<>();

    /** By topic. */
    private final Map<String, DeletedKeys> deleted = new HashMap<>();

    private int sinceForgotten;

    private long shadows;
    private long truncatedAt = -1;
    private int truncatedOn = -1;
    private int version = VERSION;
    private boolean catchingUp;
    /** Whether the rows may have changed since they were last given as a whole. */
    private boolean changed = true;
    /** The newest offset of the dead letters that were offered again here. */
    private long replayed = -1;

    /** Of which connector, server and database its rows are; empty until one is known. */
    private String origin = "";

    private @Nullable TableSchema newest;
    /** That of the row which was applied last: the newest, unless that one went and an earlier came back. */
    private @Nullable TableSchema present;

    private @Nullable TableSchema lastSchema;
    private @Nullable Fence last;
    private @Nullable SourcePartition lastSource;
    private boolean dirty;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Displaced(byte[] transaction, byte[] stored) {}

    /** How far a source partition has come. */
    static final class Fence {
        /** The newest event, in the source's own order. */
        long commit = -1;

        long event = -1;
        /** Counts the snapshots; a row has that of the snapshot or stream which it was last seen in. */
        int generation;
        /** Whether a snapshot is going on. */
        boolean snapshot;
        /** Whether there were rows when it began. */
        boolean rowsBefore;

        private boolean repeating;

        /** The offset of the newest change that came here, and of the newest that took a row away. */
        long newest = -1;

        long newestRemoval = -1;
        /** The highest offset of a delete that was offered again. */
        long removedAgain = -1;

        /** The newest time of an event that has a place; 0 if none is known. */
        long newestMillis;
        /** The newest time at which a record was written that brought a new one of those; 0 if none is known. */
        long writtenMillis;
        /** What is added to the source's positions since they began anew, lower than they had been. */
        long shift;

        /**
         * Whether an event that is placed where or before others are was written after all of them: then it is not delivered again, but the source, restored or
         * another server, counts anew.
         */
        boolean isAnew(Event event) {
            return newestMillis > 0
                    && event.sourceMillis > newestMillis
                    && compare(event.sequenceCommit, event.sequenceEvent) <= 0;
        }

        /** From here on positions are behind all that were. */
        void beginAnew(Event event) {
            long least = event.sequenceCommit > 0
                    ? Math.min(event.sequenceCommit, event.sequenceEvent)
                    : event.sequenceEvent;
            long more = Math.max(commit, this.event) - least + 1;
            shift += more;
            move(event, shift > MOST_SHIFT ? shift : more);
        }

        /** Brings a change's position to where this fence has it; none where servers took turns until no number is left. */
        static void move(Event event, long by) {
            if (by > MOST_SHIFT) {
                event.sequenceCommit = Changelog.NO_SEQUENCE;
                event.sequenceEvent = Changelog.NO_SEQUENCE;
            } else if (by != 0) {
                event.sequenceCommit += event.sequenceCommit > 0 ? by : 0;
                event.sequenceEvent += by;
            }
        }

        /** Negative: the event was there before; zero: it is of the newest place; positive: it is new. */
        int compare(long eventCommit, long eventEvent) {
            return compare(commit, event, eventCommit, eventEvent);
        }

        static int compare(long commit, long event, long eventCommit, long eventEvent) {
            if (eventCommit == 0 && commit > 0) {
                // of a connector's first transaction, which knows no commit before it: this connector's, or that of a
                // new one
                return eventEvent < commit ? -1 : 1;
            }
            return commit != eventCommit ? Long.compare(eventCommit, commit) : Long.compare(eventEvent, event);
        }

        /** Whether older events came since the newest: then events of its place are repeated with them. */
        boolean isRepeated() {
            return repeating;
        }

        void repeats(boolean older) {
            repeating |= older;
        }
    }

    /** Takes a schema on; false if it was known. */
    public boolean define(TableSchema schema) {
        boolean isNew = register(schema);
        newest = isNew || newest == null ? schema : newest; // a known one may be of an event that is delivered again
        return isNew;
    }

    /** Takes a schema on that is not the table's newest; false if it was known. */
    boolean register(TableSchema schema) {
        boolean isNew = schemas.put(schema.id(), schema) == null;
        origin = origin.isEmpty() ? schema.told().origin() : origin;
        dirty |= isNew;
        return isNew;
    }

    /** Whether a schema is of another server or database than the rows are. */
    boolean isOfOtherSource(TableSchema schema) {
        return schema.told().isOfOther(origin);
    }

    /** Of which connector, server and database the rows are; empty where that is not known. */
    String origin() {
        return origin;
    }

    /** Takes a schema that was known as the newest: not delivered again, the source has it back. */
    void alteredBack(TableSchema schema) {
        newest = schema;
        dirty = true;
    }

    /** Takes note of a schema whose rows are not to be applied. */
    void refuse(TableSchema schema) {
        dirty |= refused.put(schema.id(), schema) == null;
    }

    boolean isRefused(TableSchema schema) {
        return !refused.isEmpty() && refused.containsKey(schema.id());
    }

    void accept(TableSchema schema) {
        dirty |= refused.remove(schema.id()) != null;
    }

    /** The schema that was defined last, or null. */
    @Nullable
    TableSchema newest() {
        return newest;
    }

    /** The definition, or null if none came. */
    public @Nullable TableSchema schema(long id) {
        if (lastSchema == null || lastSchema.id() != id) {
            TableSchema known = schemas.get(id);
            lastSchema = known == null ? refused.get(id) : known;
        }
        return lastSchema;
    }

    Fence fence(String topic, int partition) {
        SourcePartition known = lastSource;
        Fence fence = last;
        if (fence == null
                || known == null
                || known.partition() != partition
                || !known.topic().equals(topic)) {
            known = new SourcePartition(topic, partition);
            fence = fences.computeIfAbsent(known, s -> new Fence());
            lastSource = known;
            last = fence;
        }
        return fence;
    }

    /** Whether anything of the partition ever came here. */
    boolean knows(String topic, int partition) {
        return fences.containsKey(new SourcePartition(topic, partition));
    }

    void reached(Fence fence, long offset, boolean removes) {
        fence.newest = offset;
        fence.newestRemoval = removes ? offset : fence.newestRemoval;
        changed = true;
        dirty = true;
    }

    void reachedAgain(long offset) {
        replayed = Math.max(replayed, offset);
        changed = true;
        dirty = true;
    }

    /** Whether the rows may have changed since {@link #shown()}. */
    boolean isChanged() {
        return changed;
    }

    /** Takes note that the rows were given as a whole. */
    void shown() {
        dirty |= changed;
        changed = false;
    }

    /** Takes note that who was given the rows has lost them. */
    void notShown() {
        dirty |= !changed;
        changed = true;
    }

    /**
     * How far the rows come: the next offset of each source partition.
     *
     * @param replays the topic of dead letters that are offered again
     */
    Map<SourcePartition, Long> ends(String replays) {
        Map<SourcePartition, Long> ends = new HashMap<>();
        fences.forEach((source, fence) -> {
            if (fence.newest >= 0 && fence.newest < Long.MAX_VALUE) {
                ends.put(source, fence.newest + 1);
            }
        });
        if (replayed >= 0) {
            ends.put(new SourcePartition(replays, 0), replayed + 1);
        }
        return ends;
    }

    /** Takes note of the schema of a row that was applied. */
    void applied(TableSchema schema) {
        if (present == null || present.id() != schema.id()) {
            dirty = true;
            present = schema;
        }
    }

    /** All schemas that rows may have, that of the row which was applied last at the end; empty if none was. */
    List<TableSchema> schemas() {
        TableSchema last = present == null ? newest : present;
        if (last == null || last.columns().isEmpty()) {
            return List.of(); // of truncates alone
        }
        List<TableSchema> all = new ArrayList<>(schemas.values());
        all.remove(last);
        all.add(last);
        return all;
    }

    void removedAgain(Fence fence, long offset) {
        fence.removedAgain = Math.max(fence.removedAgain, offset);
        dirty = true;
    }

    /** Takes note that the job reads anew what was read before. */
    void catchUp() {
        catchingUp = true;
    }

    /** Whether the job reads anew what was read before, and has not come to the place. */
    boolean isAheadOf(Fence fence, long offset) {
        return catchingUp && fence.newest < offset;
    }

    /** Takes a schema that was refused: no row is left, or the end of the snapshot will take those that are. */
    void takeAnew(TableSchema schema) {
        accept(schema);
        boolean unused = define(schema);
        alteredBack(schema);
    }

    int partitions() {
        return fences.size();
    }

    void advance(Fence fence, long commit, long event) {
        fence.commit = commit;
        fence.event = event;
        fence.repeating = false;
        dirty = true;
        if (!deleted.isEmpty() && ++sinceForgotten == CHANGES_BETWEEN_LOOKS) {
            forgetDeletes();
        }
    }

    // ---- snapshots

    /**
     * A snapshot begins, or goes on.
     *
     * @param isFirst whether this is known to be a new one
     * @return whether it is a new one, and there are rows of before
     */
    boolean beginSnapshot(Fence fence, boolean isFirst, boolean rowsBefore) {
        if (fence.snapshot && !isFirst) {
            return false;
        }
        fence.generation++;
        fence.snapshot = true;
        fence.rowsBefore = rowsBefore;
        dirty = true;
        return rowsBefore;
    }

    /** No snapshot is going on any more; whether one was, and there may be rows that it did not have. */
    boolean endSnapshot(Fence fence) {
        boolean ended = fence.snapshot;
        fence.snapshot = false;
        dirty |= ended;
        return ended && fence.rowsBefore;
    }

    // ---- truncates

    void truncated(Event event) {
        if (event.sequenceEvent > truncatedAt) {
            truncatedAt = event.sequenceEvent;
            truncatedOn = event.partition;
        }
        parked.clear();
        displaced.clear();
        dirty = true;
    }

    /** Whether the change comes late from another partition than the truncate that came after it. */
    boolean isTruncated(Event event) {
        return truncatedAt >= 0
                && event.partition != truncatedOn
                && event.sequenceEvent >= 0
                && event.sequenceEvent < truncatedAt;
    }

    // ---- deletes

    /** Takes note of a delete that another partition may be behind of. */
    void deleted(Event event, boolean wasThere) {
        if (event.sequenceEvent < 0 || event.sequenceCommit < 0) {
            return; // of no known place
        }
        String topic = event.requireSchema().topic();
        Reach reach = reach(topic, event.partition);
        if (reach.several || !wasThere) {
            deleted.computeIfAbsent(topic, t -> new DeletedKeys()).add(event, reach.slowest, reach.several);
            dirty = true;
        }
    }

    /** Whether the change comes late from another partition than the delete of its key that came after it. */
    boolean isDeleted(Event event) {
        return deletedOn(event) >= 0;
    }

    /** That other partition; -1 where there is none. */
    int deletedOn(Event event) {
        if (deleted.isEmpty()) {
            return -1;
        }
        DeletedKeys keys = deleted.get(event.requireSchema().topic());
        return keys == null ? -1 : keys.aheadOf(event);
    }

    /** The partition of the truncate that {@link #isTruncated} tells of. */
    int truncatedOn() {
        return truncatedOn;
    }

    /**
     * Whether an event that is before what another partition has brought is read late, and was not delivered again: then it would have been written after that.
     */
    boolean isLate(Event event, int otherPartition) {
        Fence other = fences.get(new SourcePartition(event.requireSchema().topic(), otherPartition));
        return other != null
                && event.partition != otherPartition
                && event.sequenceEvent >= 0
                && event.operation != Operation.READ
                && event.recordMillis > 0
                && event.recordMillis <= other.writtenMillis;
    }

    /** How many deletes other partitions may be behind of. */
    int deletedKeys() {
        return deleted.values().stream().mapToInt(DeletedKeys::size).sum();
    }

    /**
     * How far all partitions of a topic have come that are known here.
     *
     * @param slowest the last commit that all know of: the events to come are of later ones; -1 where that is not known
     * @param several whether there is more than one
     */
    private record Reach(long slowest, boolean several) {}

    private Reach reach(String topic, int partition) {
        int known = 0;
        int partitions = partition + 1;
        long slowest = Long.MAX_VALUE;
        for (Map.Entry<SourcePartition, Fence> entry : fences.entrySet()) {
            if (entry.getKey().topic().equals(topic)) {
                known++;
                partitions = Math.max(partitions, entry.getKey().partition() + 1);
                slowest = Math.min(slowest, entry.getValue().commit);
            }
        }
        boolean several = partitions > 1;
        return new Reach(several && known == partitions ? slowest : -1, several);
    }

    /** Deletes that all partitions are past are forgotten also where no other delete comes. */
    private void forgetDeletes() {
        sinceForgotten = 0;
        deleted.entrySet().removeIf(entry -> {
            dirty |= entry.getValue().forget(reach(entry.getKey(), 0).slowest);
            return entry.getValue().size() == 0;
        });
    }

    // ---- shadows

    boolean hasShadows() {
        return shadows > 0;
    }

    void noShadows() {
        shadows = 0;
        dirty = true;
    }

    void shadowMade() {
        shadows++;
        dirty = true;
    }

    void shadowGone() {
        shadows--;
        dirty = true;
    }

    // ---- changed keys

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

    // ---- savepoints

    /** Whether there is something that {@link #toBytes} has not given yet. */
    public boolean isDirty() {
        return dirty;
    }

    /** Whether its rows are still of an earlier form: {@link Changelog#upgrade} gives each its present one. */
    public boolean hasRowsOfEarlierForm() {
        return version < OFFSETS_VERSION;
    }

    /** Whether its rows are still those of the first version. */
    boolean isOfFirstVersion() {
        return version == FIRST_VERSION;
    }

    /** A stored row of the first version in its present form. */
    static byte[] upgraded(byte[] stored) {
        byte[] now = new byte[stored.length + Rows.ROW - FIRST_ROW];
        System.arraycopy(stored, 0, now, 0, FIRST_ROW);
        System.arraycopy(stored, FIRST_ROW, now, Rows.ROW, stored.length - FIRST_ROW);
        return now;
    }

    /** Whether the rows of a bucket, as savepoints keep it, are in the account of their table. */
    static boolean isCounted(byte[] bytes) {
        return bytes[0] >= COUNTED_VERSION;
    }

    /** The bucket as savepoints keep it. */
    public byte[] toBytes() {
        dirty = false;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(schemas.size());
            for (TableSchema schema : schemas.values()) {
                write(out, schema.toBytes());
            }
            out.writeInt(fences.size());
            for (Map.Entry<SourcePartition, Fence> entry : fences.entrySet()) {
                Fence fence = entry.getValue();
                out.writeUTF(entry.getKey().topic());
                out.writeInt(entry.getKey().partition());
                out.writeLong(fence.commit);
                out.writeLong(fence.event);
                out.writeInt(fence.generation);
                out.writeBoolean(fence.snapshot);
                out.writeBoolean(fence.rowsBefore);
                out.writeBoolean(fence.repeating);
                out.writeLong(fence.newest);
                out.writeLong(fence.newestRemoval);
                out.writeLong(fence.removedAgain);
                out.writeLong(fence.newestMillis);
                out.writeLong(fence.shift);
                out.writeLong(fence.writtenMillis);
            }
            out.writeLong(newest == null ? 0 : newest.id());
            out.writeLong(shadows);
            out.writeLong(truncatedAt);
            out.writeInt(truncatedOn);
            out.writeInt(parked.size());
            for (Map.Entry<RowKey, byte[]> entry : parked.entrySet()) {
                write(out, entry.getKey().toBytes());
                write(out, entry.getValue());
            }
            out.writeInt(displaced.size());
            for (Map.Entry<RowKey, Displaced> entry : displaced.entrySet()) {
                write(out, entry.getKey().toBytes());
                write(out, entry.getValue().transaction);
                write(out, entry.getValue().stored);
            }
            out.writeBoolean(changed);
            out.writeLong(replayed);
            out.writeLong(present == null ? 0 : present.id());
            out.writeInt(refused.size());
            for (TableSchema schema : refused.values()) {
                write(out, schema.toBytes());
            }
            out.writeInt(deleted.size());
            for (Map.Entry<String, DeletedKeys> entry : deleted.entrySet()) {
                out.writeUTF(entry.getKey());
                entry.getValue().write(out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] read(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    /** @throws IllegalArgumentException if a later version of Tributary wrote the bytes */
    public static Bucket fromBytes(byte[] bytes) {
        Bucket bucket = new Bucket();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version < FIRST_VERSION || version > VERSION) {
                throw new IllegalArgumentException(
                        "cannot restore a bucket of version " + version + ": this build reads 1 to " + VERSION);
            }
            bucket.version = version;
            int schemas = in.readInt();
            for (int i = 0; i < schemas; i++) {
                TableSchema schema = TableSchema.fromBytes(read(in));
                boolean unused = bucket.register(schema);
                bucket.newest = schema;
            }
            int fences = in.readInt();
            for (int i = 0; i < fences; i++) {
                Fence fence = new Fence();
                bucket.fences.put(new SourcePartition(in.readUTF(), in.readInt()), fence);
                fence.commit = in.readLong();
                fence.event = in.readLong();
                if (version > FIRST_VERSION) {
                    fence.generation = in.readInt();
                    fence.snapshot = in.readBoolean();
                    fence.rowsBefore = in.readBoolean();
                    fence.repeating = in.readBoolean();
                }
                if (version >= OFFSETS_VERSION) {
                    fence.newest = in.readLong();
                    fence.newestRemoval = in.readLong();
                    fence.removedAgain = in.readLong();
                } else { // not known: anything may have come
                    fence.newest = Long.MAX_VALUE;
                    fence.newestRemoval = Long.MAX_VALUE;
                }
                if (version >= SHIFTS_VERSION) {
                    fence.newestMillis = in.readLong();
                    fence.shift = in.readLong();
                }
                if (version >= WRITTEN_VERSION) {
                    fence.writtenMillis = in.readLong();
                }
            }
            bucket.dirty = version < COUNTED_VERSION;
            if (version > FIRST_VERSION) {
                bucket.readRest(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bucket;
    }

    private void readRest(DataInputStream in) throws IOException {
        newest = schemas.get(in.readLong());
        shadows = in.readLong();
        truncatedAt = in.readLong();
        truncatedOn = in.readInt();
        int rows = in.readInt();
        for (int i = 0; i < rows; i++) {
            parked.put(new RowKey(read(in)), read(in));
        }
        int taken = in.readInt();
        for (int i = 0; i < taken; i++) {
            displaced.put(new RowKey(read(in)), new Displaced(read(in), read(in)));
        }
        if (version >= SHOWN_VERSION) {
            changed = in.readBoolean();
            replayed = in.readLong();
            present = schemas.get(in.readLong());
        }
        int others = version >= SHIFTS_VERSION ? in.readInt() : 0;
        for (int i = 0; i < others; i++) {
            TableSchema schema = TableSchema.fromBytes(read(in));
            refused.put(schema.id(), schema);
        }
        if (version >= DELETED_VERSION) {
            int topics = in.readInt();
            for (int i = 0; i < topics; i++) {
                deleted.put(in.readUTF(), DeletedKeys.read(in));
            }
        }
    }
}
