package io.tributary.flow;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Tallies on the wire, with their detail; never in a savepoint. */
final class SentTallySerializer extends TypeSerializerSingleton<Tally> {
    private final TallySerializer tallies = new TallySerializer();

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Tally createInstance() {
        return tallies.createInstance();
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
        tallies.serialize(tally, target);
        target.writeUTF(tally.detail());
    }

    @Override
    public Tally deserialize(DataInputView source) throws IOException {
        Tally tally = tallies.deserialize(source);
        return new Tally(tally.name(), tally.count(), source.readUTF());
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

    /** For Flink, which asks for one at every start. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Tally> {
        public Snapshot() {
            super(SentTallySerializer::new);
        }
    }
}
