package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.Replacement;
import io.tributary.change.Slice;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Changes on the wire. A row carries its schema's id only; a definition carries the schema. After the changelog, where rows
 * cross an edge only if somebody switched chaining off, each carries its schemas whole.
 *
 * <p>{@link #deserialize(DataInputView)} gives the same instance each time: the pipeline switches object reuse on, and no
 * operator of ours keeps a change.
 */
public final class ChangeSerializer extends TypeSerializer<Change> {
    private static final int SNAPSHOT = 1;
    private static final int SCHEMA = 2;
    private static final int BEFORE_SCHEMA = 4;
    private static final int FIRST = 8;
    private static final int LAST = 16;
    private static final int TOMBSTONE = 32;
    private static final int MOVED = 64;
    private static final int REPLAY = 128;
    /** Beside kind and operation, which take the other seven bits. */
    private static final int UNSEEN = 128;

    private transient @Nullable Change reused;
    private transient byte @Nullable [] buffer;

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public TypeSerializer<Change> duplicate() {
        return new ChangeSerializer();
    }

    @Override
    public Change createInstance() {
        return new Change();
    }

    @Override
    public Change copy(Change from) {
        return copy(from, new Change());
    }

    @Override
    public Change copy(Change from, Change reuse) {
        reuse.kind = from.kind;
        reuse.operation = from.operation;
        reuse.resolved = from.resolved;
        reuse.bucket = from.bucket;
        reuse.schemaId = from.schemaId;
        reuse.schema = from.schema;
        reuse.beforeSchema = from.beforeSchema;
        reuse.partition = from.partition;
        reuse.offset = from.offset;
        reuse.replay = from.replay;
        reuse.unchangedTo = from.unchangedTo;
        reuse.sourceMillis = from.sourceMillis;
        reuse.recordMillis = from.recordMillis;
        reuse.snapshot = from.snapshot;
        reuse.first = from.first;
        reuse.last = from.last;
        reuse.tombstone = from.tombstone;
        reuse.unseen = from.unseen;
        reuse.moved = from.moved;
        reuse.sequenceCommit = from.sequenceCommit;
        reuse.sequenceEvent = from.sequenceEvent;
        copy(from.key, reuse.key);
        copy(from.oldKey, reuse.oldKey);
        copy(from.before, reuse.before);
        copy(from.after, reuse.after);
        copy(from.patch, reuse.patch);
        copy(from.origin, reuse.origin);
        copy(from.transaction, reuse.transaction);
        reuse.replacement = from.replacement;
        return reuse;
    }

    private static void copy(Slice from, Slice to) {
        if (from.isPresent()) {
            to.set(from.copy());
        } else {
            to.clear();
        }
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Change change, DataOutputView target) throws IOException {
        boolean whole = change.kind == Change.Kind.DEFINITION
                || change.kind == Change.Kind.APPEND
                || change.kind == Change.Kind.SHOW
                || change.resolved;
        target.writeByte((change.unseen ? UNSEEN : 0) | change.kind.ordinal() << 4 | change.operation.ordinal());
        target.writeByte((change.snapshot ? SNAPSHOT : 0)
                | (change.first ? FIRST : 0)
                | (change.last ? LAST : 0)
                | (change.tombstone ? TOMBSTONE : 0)
                | (change.moved ? MOVED : 0)
                | (change.replay >= 0 ? REPLAY : 0)
                | (whole && change.schema != null ? SCHEMA : 0)
                | (change.resolved && change.beforeSchema != null ? BEFORE_SCHEMA : 0));
        target.writeLong(change.bucket);
        target.writeLong(change.schemaId);
        target.writeInt(change.partition);
        target.writeLong(change.offset);
        if (change.replay >= 0) {
            target.writeLong(change.replay);
            target.writeLong(change.unchangedTo);
        }
        target.writeLong(change.sourceMillis);
        target.writeLong(change.recordMillis);
        target.writeLong(change.sequenceCommit);
        target.writeLong(change.sequenceEvent);
        target.writeInt(change.key.length());
        target.writeInt(change.oldKey.length());
        target.writeInt(change.before.length());
        target.writeInt(change.after.length());
        target.writeInt(change.patch.length());
        target.writeInt(change.origin.length());
        target.writeInt(change.transaction.length());
        write(change.key, target);
        write(change.oldKey, target);
        write(change.before, target);
        write(change.after, target);
        write(change.patch, target);
        write(change.origin, target);
        write(change.transaction, target);
        if (whole && change.schema != null) {
            write(change.schema, target);
        }
        if (change.resolved && change.beforeSchema != null) {
            write(change.beforeSchema, target);
        }
        if (change.replacement != null) {
            write(change.replacement, target);
        }
    }

    private static void write(Replacement replacement, DataOutputView target) throws IOException {
        target.writeInt(replacement.schemas().size());
        for (TableSchema schema : replacement.schemas()) {
            write(schema, target);
        }
        target.writeInt(replacement.parts());
        target.writeInt(replacement.ends().size());
        for (Map.Entry<SourcePartition, Long> end : replacement.ends().entrySet()) {
            target.writeUTF(end.getKey().topic());
            target.writeInt(end.getKey().partition());
            target.writeLong(end.getValue());
        }
    }

    private static Replacement readReplacement(DataInputView source) throws IOException {
        List<TableSchema> schemas = new ArrayList<>();
        for (int i = source.readInt(); i > 0; i--) {
            schemas.add(readSchema(source));
        }
        int parts = source.readInt();
        Map<SourcePartition, Long> ends = new HashMap<>();
        for (int i = source.readInt(); i > 0; i--) {
            ends.put(new SourcePartition(source.readUTF(), source.readInt()), source.readLong());
        }
        return new Replacement(schemas, parts, ends);
    }

    private static void write(Slice slice, DataOutputView target) throws IOException {
        if (slice.length() > 0) {
            target.write(slice.bytes(), slice.offset(), slice.length());
        }
    }

    private static void write(TableSchema schema, DataOutputView target) throws IOException {
        byte[] bytes = schema.toBytes();
        target.writeInt(bytes.length);
        target.write(bytes);
    }

    @Override
    public Change deserialize(DataInputView source) throws IOException {
        if (reused == null) {
            reused = new Change();
        }
        return deserialize(reused, source);
    }

    @Override
    public Change deserialize(Change reuse, DataInputView source) throws IOException {
        int kind = source.readByte();
        reuse.unseen = (kind & UNSEEN) != 0;
        reuse.kind = Change.Kind.of(kind >> 4 & 7);
        reuse.operation = Operation.of(kind & 0xf);
        int flags = source.readByte();
        reuse.snapshot = (flags & SNAPSHOT) != 0;
        reuse.first = (flags & FIRST) != 0;
        reuse.last = (flags & LAST) != 0;
        reuse.tombstone = (flags & TOMBSTONE) != 0;
        reuse.moved = (flags & MOVED) != 0;
        reuse.bucket = source.readLong();
        reuse.schemaId = source.readLong();
        reuse.partition = source.readInt();
        reuse.offset = source.readLong();
        boolean replay = (flags & REPLAY) != 0;
        reuse.replay = replay ? source.readLong() : -1;
        reuse.unchangedTo = replay ? source.readLong() : -1;
        reuse.sourceMillis = source.readLong();
        reuse.recordMillis = source.readLong();
        reuse.sequenceCommit = source.readLong();
        reuse.sequenceEvent = source.readLong();
        int key = source.readInt();
        int oldKey = source.readInt();
        int before = source.readInt();
        int after = source.readInt();
        int patch = source.readInt();
        int origin = source.readInt();
        int transaction = source.readInt();
        int total = Math.max(key, 0)
                + Math.max(oldKey, 0)
                + Math.max(before, 0)
                + Math.max(after, 0)
                + Math.max(patch, 0)
                + Math.max(origin, 0)
                + Math.max(transaction, 0);
        byte[] bytes = reuse == reused ? grown(total) : new byte[total];
        source.readFully(bytes, 0, total);
        int at = slice(reuse.key, bytes, 0, key);
        at = slice(reuse.oldKey, bytes, at, oldKey);
        at = slice(reuse.before, bytes, at, before);
        at = slice(reuse.after, bytes, at, after);
        at = slice(reuse.patch, bytes, at, patch);
        at = slice(reuse.origin, bytes, at, origin);
        slice(reuse.transaction, bytes, at, transaction);
        reuse.schema = (flags & SCHEMA) != 0 ? readSchema(source) : null;
        reuse.beforeSchema = (flags & BEFORE_SCHEMA) != 0 ? readSchema(source) : null;
        reuse.replacement = reuse.kind == Change.Kind.REPLACE ? readReplacement(source) : null;
        reuse.resolved = (reuse.kind == Change.Kind.ROW || reuse.isOfWhole()) && reuse.schema != null;
        return reuse;
    }

    private byte[] grown(int total) {
        byte[] bytes = buffer;
        if (bytes == null || bytes.length < total) {
            bytes = new byte[Math.max(1024, Math.max(total, bytes == null ? 0 : bytes.length * 2))];
            buffer = bytes;
        }
        return bytes;
    }

    private static int slice(Slice slice, byte[] bytes, int at, int length) {
        if (length < 0) {
            slice.clear();
            return at;
        }
        slice.set(bytes, at, length);
        return at + length;
    }

    private static TableSchema readSchema(DataInputView source) throws IOException {
        byte[] bytes = new byte[source.readInt()];
        source.readFully(bytes);
        return TableSchema.fromBytes(bytes);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChangeSerializer;
    }

    @Override
    public int hashCode() {
        return ChangeSerializer.class.hashCode();
    }

    @Override
    public TypeSerializerSnapshot<Change> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Change> {
        public Snapshot() {
            super(ChangeSerializer::new);
        }
    }
}
