package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Changes where they cross an edge: dead letters, and all where somebody switched chaining off. Each carries its schemas whole. */
public final class ChangeSerializer extends TypeSerializerSingleton<Change> {
    private static final int SNAPSHOT = 1;
    private static final int UNSEEN = 2;
    private static final int BEFORE_SCHEMA = 4;
    private static final int LATE = 8;

    @Override
    public boolean isImmutableType() {
        return false;
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
        reuse.operation = from.operation;
        reuse.schema = from.schema;
        reuse.beforeSchema = from.beforeSchema;
        reuse.partition = from.partition;
        reuse.offset = from.offset;
        reuse.replay = from.replay;
        reuse.sourceMillis = from.sourceMillis;
        reuse.recordMillis = from.recordMillis;
        reuse.snapshot = from.snapshot;
        reuse.unseen = from.unseen;
        reuse.late = from.late;
        reuse.sequence = from.sequence;
        Wire.copy(from.key, reuse.key);
        Wire.copy(from.before, reuse.before);
        Wire.copy(from.after, reuse.after);
        Wire.copy(from.transaction, reuse.transaction);
        return reuse;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Change change, DataOutputView target) throws IOException {
        target.writeByte(change.operation.ordinal());
        target.writeByte((change.snapshot ? SNAPSHOT : 0)
                | (change.unseen ? UNSEEN : 0)
                | (change.late ? LATE : 0)
                | (change.beforeSchema != null ? BEFORE_SCHEMA : 0));
        target.writeInt(change.partition);
        target.writeLong(change.offset);
        target.writeLong(change.replay);
        target.writeLong(change.sourceMillis);
        target.writeLong(change.recordMillis);
        target.writeLong(change.sequence);
        Wire.writeWhole(change.key, target);
        Wire.writeWhole(change.before, target);
        Wire.writeWhole(change.after, target);
        Wire.writeWhole(change.transaction, target);
        Wire.write(change.schema, target);
        if (change.beforeSchema != null) {
            Wire.write(change.beforeSchema, target);
        }
    }

    @Override
    public Change deserialize(DataInputView source) throws IOException {
        return deserialize(new Change(), source);
    }

    @Override
    public Change deserialize(Change reuse, DataInputView source) throws IOException {
        reuse.operation = Operation.of(source.readByte());
        int flags = source.readByte();
        reuse.snapshot = (flags & SNAPSHOT) != 0;
        reuse.unseen = (flags & UNSEEN) != 0;
        reuse.late = (flags & LATE) != 0;
        reuse.partition = source.readInt();
        reuse.offset = source.readLong();
        reuse.replay = source.readLong();
        reuse.sourceMillis = source.readLong();
        reuse.recordMillis = source.readLong();
        reuse.sequence = source.readLong();
        Wire.readWhole(reuse.key, source);
        Wire.readWhole(reuse.before, source);
        Wire.readWhole(reuse.after, source);
        Wire.readWhole(reuse.transaction, source);
        reuse.schema = Wire.readSchema(source);
        reuse.beforeSchema = (flags & BEFORE_SCHEMA) != 0 ? Wire.readSchema(source) : null;
        return reuse;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
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
