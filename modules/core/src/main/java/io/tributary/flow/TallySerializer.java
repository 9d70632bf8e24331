package io.tributary.flow;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Tallies in the account's state. */
public final class TallySerializer extends TypeSerializerSingleton<Tally> {
    private static final Tally.Counter[] COUNTERS = Tally.Counter.values();

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Tally createInstance() {
        return new Tally("", Tally.Counter.READ, "", 0);
    }

    @Override
    public Tally copy(Tally from) {
        return from;
    }

    @Override
    public Tally copy(Tally from, Tally reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Tally tally, DataOutputView target) throws IOException {
        target.writeUTF(tally.table());
        target.writeByte(tally.counter().ordinal());
        target.writeUTF(tally.label());
        target.writeLong(tally.count());
    }

    @Override
    public Tally deserialize(DataInputView source) throws IOException {
        return new Tally(source.readUTF(), COUNTERS[source.readByte()], source.readUTF(), source.readLong());
    }

    @Override
    public Tally deserialize(Tally reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<Tally> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Tally> {
        public Snapshot() {
            super(TallySerializer::new);
        }
    }
}
