package io.tributary.changelog;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** A bucket as savepoints keep it, in this version's form; those of before are read. */
final class BucketFormat {
    static final int VERSION = 10;
    /** Since then halves of changed keys are by topic, and have the time at which they were written. */
    private static final int HALVES_BY_TOPIC_VERSION = 10;
    /** From here on it knows of changed keys of which one half has come by one of several partitions. */
    private static final int HALVES_VERSION = 9;
    /** From here on it is known when the newest record of a partition was written. */
    private static final int WRITTEN_VERSION = 8;
    /** Since then its rows are counted. */
    static final int COUNTED_VERSION = 7;
    /** Since then it has schemas that are refused; fences know the newest time, and how far positions that began anew are moved. */
    private static final int SHIFTS_VERSION = 6;
    /** Since then it has the keys that were deleted. */
    private static final int DELETED_VERSION = 5;
    /** Since then it has what became of current rows. */
    private static final int SHOWN_VERSION = 4;
    /** Since then fences have the newest offsets. */
    static final int OFFSETS_VERSION = 3;
    /** In the first version a stored row had neither generation nor partition. */
    private static final int FIRST_ROW = 16;

    static final int FIRST_VERSION = 1;

    private BucketFormat() {}

    static byte[] toBytes(Bucket bucket) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeInt(bucket.schemas.size());
            for (TableSchema schema : bucket.schemas.values()) {
                write(out, schema.toBytes());
            }
            out.writeInt(bucket.fences.size());
            for (Map.Entry<SourcePartition, Fence> entry : bucket.fences.entrySet()) {
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
            out.writeLong(bucket.newest == null ? 0 : bucket.newest.id());
            out.writeLong(bucket.shadows);
            out.writeLong(bucket.truncatedAt);
            out.writeInt(bucket.truncatedOn);
            bucket.between.write(out);
            out.writeBoolean(bucket.changed);
            out.writeLong(bucket.replayed);
            out.writeLong(bucket.present == null ? 0 : bucket.present.id());
            out.writeInt(bucket.refused.size());
            for (TableSchema schema : bucket.refused.values()) {
                write(out, schema.toBytes());
            }
            out.writeInt(bucket.deleted.size());
            for (Map.Entry<String, DeletedKeys> entry : bucket.deleted.entrySet()) {
                out.writeUTF(entry.getKey());
                entry.getValue().write(out);
            }
            bucket.halves.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    static byte[] read(DataInputStream in) throws IOException {
        return in.readNBytes(in.readInt());
    }

    /** @throws IllegalArgumentException if a later version of Tributary wrote the bytes */
    static Bucket fromBytes(byte[] bytes) {
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
                readRest(bucket, in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bucket;
    }

    private static void readRest(Bucket bucket, DataInputStream in) throws IOException {
        bucket.newest = bucket.schemas.get(in.readLong());
        bucket.shadows = in.readLong();
        bucket.truncatedAt = in.readLong();
        bucket.truncatedOn = in.readInt();
        bucket.between.read(in);
        if (bucket.version >= SHOWN_VERSION) {
            bucket.changed = in.readBoolean();
            bucket.replayed = in.readLong();
            bucket.present = bucket.schemas.get(in.readLong());
        }
        int others = bucket.version >= SHIFTS_VERSION ? in.readInt() : 0;
        for (int i = 0; i < others; i++) {
            TableSchema schema = TableSchema.fromBytes(read(in));
            bucket.refused.put(schema.id(), schema);
        }
        if (bucket.version >= DELETED_VERSION) {
            int topics = in.readInt();
            for (int i = 0; i < topics; i++) {
                bucket.deleted.put(in.readUTF(), DeletedKeys.read(in));
            }
        }
        if (bucket.version >= HALVES_BY_TOPIC_VERSION) {
            bucket.halves.read(in);
        } else if (bucket.version == HALVES_VERSION) {
            bucket.halves.readFirst(in);
        }
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
}
