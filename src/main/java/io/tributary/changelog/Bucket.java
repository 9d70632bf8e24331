package io.tributary.changelog;

import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a bucket knows beside its rows: the schemas of the rows it holds or expects, and how far each source partition has
 * come.
 */
public final class Bucket {
    private static final int VERSION = 1;

    private final Map<Long, TableSchema> schemas = new HashMap<>();
    private final Map<Source, Fence> fences = new HashMap<>();
    private @Nullable TableSchema lastSchema;
    private @Nullable Fence last;
    private @Nullable Source lastSource;
    private boolean dirty;

    /** A source partition. */
    record Source(String topic, int partition) {
        // by hand: see TableName
        @Override
        public boolean equals(Object o) {
            return o instanceof Source other && topic.equals(other.topic) && partition == other.partition;
        }

        @Override
        public int hashCode() {
            return 31 * topic.hashCode() + partition;
        }
    }

    /** The newest event of a source partition, in the source's own order. */
    static final class Fence {
        long commit = -1;
        long event = -1;

        /** Negative: the event was there before; zero: it is of the newest place; positive: it is new. */
        int compare(long eventCommit, long eventEvent) {
            return commit != eventCommit ? Long.compare(eventCommit, commit) : Long.compare(eventEvent, event);
        }
    }

    public void define(TableSchema schema) {
        dirty |= schemas.put(schema.id(), schema) == null;
    }

    /** The definition, or null if none came. */
    public @Nullable TableSchema schema(long id) {
        if (lastSchema == null || lastSchema.id() != id) {
            lastSchema = schemas.get(id);
        }
        return lastSchema;
    }

    Fence fence(String topic, int partition) {
        Source known = lastSource;
        Fence fence = last;
        if (fence == null || known == null || known.partition != partition || !known.topic.equals(topic)) {
            known = new Source(topic, partition);
            fence = fences.computeIfAbsent(known, s -> new Fence());
            lastSource = known;
            last = fence;
        }
        return fence;
    }

    void advance(Fence fence, long commit, long event) {
        fence.commit = commit;
        fence.event = event;
        dirty = true;
    }

    /** Whether there is something that {@link #toBytes} has not given yet. */
    public boolean isDirty() {
        return dirty;
    }

    /** The bucket as savepoints keep it. */
    public byte[] toBytes() {
        dirty = false;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(schemas.size());
            for (TableSchema schema : schemas.values()) {
                byte[] definition = schema.toBytes();
                out.writeInt(definition.length);
                out.write(definition);
            }
            out.writeInt(fences.size());
            for (Map.Entry<Source, Fence> entry : fences.entrySet()) {
                out.writeUTF(entry.getKey().topic());
                out.writeInt(entry.getKey().partition());
                out.writeLong(entry.getValue().commit);
                out.writeLong(entry.getValue().event);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** @throws IllegalArgumentException if a later version of Tributary wrote the bytes */
    public static Bucket fromBytes(byte[] bytes) {
        Bucket bucket = new Bucket();
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "cannot restore a bucket of version " + version + ": this build reads " + VERSION);
            }
            int schemas = in.readInt();
            for (int i = 0; i < schemas; i++) {
                TableSchema schema = TableSchema.fromBytes(in.readNBytes(in.readInt()));
                bucket.schemas.put(schema.id(), schema);
            }
            int fences = in.readInt();
            for (int i = 0; i < fences; i++) {
                Fence fence = new Fence();
                bucket.fences.put(new Source(in.readUTF(), in.readInt()), fence);
                fence.commit = in.readLong();
                fence.event = in.readLong();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bucket;
    }
}
