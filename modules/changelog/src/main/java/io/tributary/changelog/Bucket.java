package io.tributary.changelog;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket knows beside its rows: the schemas of the rows it holds or expects, how far each source partition has come,
 * and the rows that are between two keys.
 *
 * <p>One class, since its fields are one state, written together.
 */
public final class Bucket {
    private static final int CHANGES_BETWEEN_LOOKS = 10_000;
    final Map<Long, TableSchema> schemas = new LinkedHashMap<>();
    final Map<Long, TableSchema> refused = new HashMap<>();
    final Map<SourcePartition, Fence> fences = new HashMap<>();
    final BetweenKeys between = new BetweenKeys();
    final HalfMoves halves = new HalfMoves();
    private final List<HalfMoves.Left> lost = new ArrayList<>();
    /** By topic. */
    final Map<String, DeletedKeys> deleted = new HashMap<>();

    private int sinceForgotten;

    long shadows;
    long truncatedAt = -1;
    int truncatedOn = -1;
    int version = BucketFormat.VERSION;
    private boolean catchingUp;
    /** Whether the rows may have changed since they were last given as a whole. */
    boolean changed = true;
    /** The newest offset of the dead letters that were offered again here. */
    long replayed = -1;

    /** Of which connector, server and database its rows are; empty until one is known. */
    private String origin = "";

    @Nullable
    TableSchema newest;
    /** That of the row which was applied last: the newest, unless that one went and an earlier came back. */
    @Nullable
    TableSchema present;

    private @Nullable TableSchema lastSchema;
    private @Nullable Fence last;
    private @Nullable SourcePartition lastSource;
    boolean dirty;

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
        between.clear();
        halves.clear();
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

    /**
     * Takes note of an event if it is one half of a changed key, and the other may come by another partition; of a delete, if it is new. Of
     * several buckets the other half may be another's.
     */
    void half(Event event, Fence fence, boolean isNew, ChangelogSettings table) {
        boolean isDelete = event.operation == Operation.DELETE;
        boolean isHalf = isDelete ? event.moved && isNew : event.oldKey.isPresent() && event.replay < 0;
        boolean isPlaced = event.sequenceEvent >= 0 && event.sequenceCommit >= 0 && fence.shift == 0;
        if (isHalf
                && isPlaced
                && table.buckets() == 1
                && reach(event.requireSchema().topic(), event.partition).several) {
            halves.half(event);
        }
    }

    /** Looks whether all partitions of a topic are past halves that have not come. */
    void lookForHalves(String topic) {
        if (!halves.isEmpty()) {
            Reach reach = reach(topic, 0);
            lost.addAll(halves.takeLost(topic, reach.slowest, reach.written));
        }
    }

    /** The deletes of changed keys whose creates never came, since the last call. */
    List<HalfMoves.Left> takeLost() {
        if (lost.isEmpty()) {
            return List.of();
        }
        List<HalfMoves.Left> taken = List.copyOf(lost);
        lost.clear();
        return taken;
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
     * @param written all know of a record that was written then, or later; 0 where that is not known
     * @param several whether there is more than one
     */
    private record Reach(long slowest, long written, boolean several) {}

    private Reach reach(String topic, int partition) {
        int known = 0;
        int partitions = partition + 1;
        long slowest = Long.MAX_VALUE;
        long written = Long.MAX_VALUE;
        for (Map.Entry<SourcePartition, Fence> entry : fences.entrySet()) {
            if (entry.getKey().topic().equals(topic)) {
                known++;
                partitions = Math.max(partitions, entry.getKey().partition() + 1);
                slowest = Math.min(slowest, entry.getValue().commit);
                written = Math.min(written, entry.getValue().writtenMillis);
            }
        }
        boolean several = partitions > 1;
        return new Reach(several && known == partitions ? slowest : -1, written, several);
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

    // ---- savepoints

    /** Whether there is something that {@link #toBytes} has not given yet. */
    public boolean isDirty() {
        return dirty || between.isDirty() || halves.isDirty();
    }

    /** Whether its rows are still of an earlier form: {@link Changelog#upgrade} gives each its present one. */
    public boolean hasRowsOfEarlierForm() {
        return version < BucketFormat.OFFSETS_VERSION;
    }

    /** Whether its rows are still those of the first version. */
    boolean isOfFirstVersion() {
        return version == BucketFormat.FIRST_VERSION;
    }

    /** The bucket as savepoints keep it. */
    public byte[] toBytes() {
        dirty = false;
        return BucketFormat.toBytes(this);
    }

    /** @throws IllegalArgumentException if a later version of Tributary wrote the bytes */
    public static Bucket fromBytes(byte[] bytes) {
        return BucketFormat.fromBytes(bytes);
    }
}
