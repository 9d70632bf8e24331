package io.tributary.aggregate;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** Deltas on the wire. */
public final class RowDeltaSerializer extends TypeSerializerSingleton<RowDelta> {
    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public RowDelta createInstance() {
        return RowDelta.row("", 0, "", List.of(), 0);
    }

    @Override
    public RowDelta copy(RowDelta from) {
        return from;
    }

    @Override
    public RowDelta copy(RowDelta from, RowDelta reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(RowDelta delta, DataOutputView target) throws IOException {
        target.writeByte(delta.kind().ordinal());
        target.writeByte(delta.side());
        StringSerializer.INSTANCE.serialize(delta.aggregate(), target);
        StringSerializer.INSTANCE.serialize(delta.key(), target);
        target.writeInt(delta.values().size());
        for (String value : delta.values()) {
            StringSerializer.INSTANCE.serialize(value, target); // takes null
        }
        target.writeLong(delta.weight());
        target.writeInt(delta.partition());
    }

    @Override
    public RowDelta deserialize(DataInputView source) throws IOException {
        RowDelta.Kind kind = RowDelta.Kind.of(source.readByte());
        int side = source.readByte();
        String aggregate = StringSerializer.INSTANCE.deserialize(source);
        String key = StringSerializer.INSTANCE.deserialize(source);
        @Nullable String[] values = new @Nullable String[source.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = StringSerializer.INSTANCE.deserialize(source);
        }
        return new RowDelta(kind, aggregate, side, key, Arrays.asList(values), source.readLong(), source.readInt());
    }

    @Override
    public RowDelta deserialize(RowDelta reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<RowDelta> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RowDelta> {
        public Snapshot() {
            super(RowDeltaSerializer::new);
        }
    }
}
