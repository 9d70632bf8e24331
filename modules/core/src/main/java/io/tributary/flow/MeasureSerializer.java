package io.tributary.flow;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/** Measures on the wire and in savepoints. */
public final class MeasureSerializer extends TypeSerializerSingleton<Measure> {
    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public Measure createInstance() {
        return Measure.count(Measure.Kind.CHANGES, "", List.of(), 0);
    }

    @Override
    public Measure copy(Measure from) {
        return from;
    }

    @Override
    public Measure copy(Measure from, Measure reuse) {
        return from;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Measure measure, DataOutputView target) throws IOException {
        target.writeByte(measure.name().kind().ordinal());
        target.writeUTF(measure.name().subject());
        target.writeByte(measure.name().labels().size());
        for (String label : measure.name().labels()) {
            target.writeUTF(label);
        }
        target.writeLong(measure.count());
        byte[] unscaled = measure.sum().unscaledValue().toByteArray();
        target.writeInt(measure.sum().scale());
        target.writeInt(unscaled.length);
        target.write(unscaled);
        target.writeLong(measure.at());
        target.writeLong(measure.offset());
    }

    @Override
    public Measure deserialize(DataInputView source) throws IOException {
        Measure.Kind kind = Measure.Kind.of(source.readByte());
        String subject = source.readUTF();
        String[] labels = new String[source.readByte()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = source.readUTF();
        }
        long count = source.readLong();
        int scale = source.readInt();
        byte[] unscaled = new byte[source.readInt()];
        source.readFully(unscaled);
        BigDecimal sum = new BigDecimal(new BigInteger(unscaled), scale);
        return new Measure(
                new Measure.Name(kind, subject, List.of(labels)), count, sum, source.readLong(), source.readLong());
    }

    @Override
    public Measure deserialize(Measure reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public TypeSerializerSnapshot<Measure> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Measure> {
        public Snapshot() {
            super(MeasureSerializer::new);
        }
    }
}
