package io.tributary.changelog;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Row keys in state. */
public final class RowKeySerializer extends TypeSerializerSingleton<RowKey> {
    @Override
    public boolean isImmutableType() {
        return true; // what is put into state is never pointed elsewhere
    }

    @Override
    public RowKey createInstance() {
        return new RowKey(new byte[0]);
    }

    @Override
    public RowKey copy(RowKey from) {
        return from;
    }

    @Override
    public RowKey copy(RowKey from, RowKey reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(RowKey key, DataOutputView target) throws IOException {
        target.writeInt(key.length());
        target.write(key.bytes(), key.offset(), key.length());
    }

    @Override
    public RowKey deserialize(DataInputView source) throws IOException {
        byte[] bytes = new byte[source.readInt()];
        source.readFully(bytes);
        return new RowKey(bytes);
    }

    @Override
    public RowKey deserialize(RowKey reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<RowKey> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RowKey> {
        public Snapshot() {
            super(RowKeySerializer::new);
        }
    }
}
