package io.tributary.flow;

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
public final class DeltaSerializer extends TypeSerializerSingleton<Delta> {
    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Delta createInstance() {
        return Delta.row("", 0, "", List.of(), 0);
    }

    @Override
    public Delta copy(Delta from) {
        return from;
    }

    @Override
    public Delta copy(Delta from, Delta reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Delta delta, DataOutputView target) throws IOException {
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
    public Delta deserialize(DataInputView source) throws IOException {
        Delta.Kind kind = Delta.Kind.of(source.readByte());
        int side = source.readByte();
        String aggregate = StringSerializer.INSTANCE.deserialize(source);
        String key = StringSerializer.INSTANCE.deserialize(source);
        @Nullable String[] values = new @Nullable String[source.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = StringSerializer.INSTANCE.deserialize(source);
        }
        return new Delta(kind, aggregate, side, key, Arrays.asList(values), source.readLong(), source.readInt());
    }

    @Override
    public Delta deserialize(Delta reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<Delta> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Delta> {
        public Snapshot() {
            super(DeltaSerializer::new);
        }
    }
}
