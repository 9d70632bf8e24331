package io.tributary.changelog;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Stored rows in state. They are replaced, never written to, so that a checkpoint need not copy them. */
public final class StoredRowSerializer extends TypeSerializerSingleton<byte[]> {
    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public byte[] createInstance() {
        return new byte[0];
    }

    @Override
    public byte[] copy(byte[] from) {
        return from;
    }

    @Override
    public byte[] copy(byte[] from, byte[] reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(byte[] row, DataOutputView target) throws IOException {
        target.writeInt(row.length);
        target.write(row);
    }

    @Override
    public byte[] deserialize(DataInputView source) throws IOException {
        byte[] row = new byte[source.readInt()];
        source.readFully(row);
        return row;
    }

    @Override
    public byte[] deserialize(byte[] reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<byte[]> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<byte[]> {
        public Snapshot() {
            super(StoredRowSerializer::new);
        }
    }
}
