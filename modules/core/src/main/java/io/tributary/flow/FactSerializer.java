package io.tributary.flow;

import io.tributary.change.Change;
import io.tributary.change.Fact;
import io.tributary.change.PartRow;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Changes, and rows of parts among them. */
public final class FactSerializer extends TypeSerializerSingleton<Fact> {
    private static final ChangeSerializer CHANGES = new ChangeSerializer();
    private static final PartRowSerializer ROWS = new PartRowSerializer();

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public Fact createInstance() {
        return new Change();
    }

    @Override
    public Fact copy(Fact from) {
        return from instanceof Change change ? CHANGES.copy(change) : ROWS.copy((PartRow) from);
    }

    @Override
    public Fact copy(Fact from, Fact reuse) {
        return copy(from);
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Fact fact, DataOutputView target) throws IOException {
        target.writeBoolean(fact instanceof Change);
        if (fact instanceof Change change) {
            CHANGES.serialize(change, target);
        } else {
            ROWS.serialize((PartRow) fact, target);
        }
    }

    @Override
    public Fact deserialize(DataInputView source) throws IOException {
        return source.readBoolean() ? CHANGES.deserialize(source) : ROWS.deserialize(source);
    }

    @Override
    public Fact deserialize(Fact reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<Fact> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Fact> {
        public Snapshot() {
            super(FactSerializer::new);
        }
    }
}
