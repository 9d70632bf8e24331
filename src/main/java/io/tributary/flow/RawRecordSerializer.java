package io.tributary.flow;

import io.tributary.change.RawRecord;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** Raw records, for the case that source and decode are not chained. */
public final class RawRecordSerializer extends TypeSerializerSingleton<RawRecord> {
    /** The one header that decode asks for. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private static final String NEW_KEY = "__debezium.newkey";

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public RawRecord createInstance() {
        return new RawRecord();
    }

    @Override
    public RawRecord copy(RawRecord from) {
        return copy(from, new RawRecord());
    }

    @Override
    public RawRecord copy(RawRecord from, RawRecord reuse) {
        // the arrays are the consumer's own for each record: never written again
        reuse.set(from.topic, from.partition, from.offset, from.timestamp, from.key, from.value);
        reuse.headers = headers(from.headers.value(OLD_KEY), from.headers.value(NEW_KEY));
        return reuse;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(RawRecord record, DataOutputView target) throws IOException {
        target.writeUTF(record.topic);
        target.writeInt(record.partition);
        target.writeLong(record.offset);
        target.writeLong(record.timestamp);
        write(record.key, target);
        write(record.value, target);
        write(record.headers.value(OLD_KEY), target);
        write(record.headers.value(NEW_KEY), target);
    }

    private static RawRecord.Headers headers(byte @Nullable [] oldKey, byte @Nullable [] newKey) {
        return oldKey == null && newKey == null
                ? RawRecord.Headers.NONE
                : name -> name.equals(OLD_KEY) ? oldKey : name.equals(NEW_KEY) ? newKey : null;
    }

    @Override
    public RawRecord deserialize(DataInputView source) throws IOException {
        return deserialize(new RawRecord(), source);
    }

    @Override
    public RawRecord deserialize(RawRecord reuse, DataInputView source) throws IOException {
        reuse.set(source.readUTF(), source.readInt(), source.readLong(), source.readLong(), read(source), read(source));
        reuse.headers = headers(read(source), read(source));
        return reuse;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    private static void write(byte @Nullable [] bytes, DataOutputView target) throws IOException {
        target.writeInt(bytes == null ? -1 : bytes.length);
        if (bytes != null) {
            target.write(bytes);
        }
    }

    private static byte @Nullable [] read(DataInputView source) throws IOException {
        int length = source.readInt();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[length];
        source.readFully(bytes);
        return bytes;
    }

    @Override
    public TypeSerializerSnapshot<RawRecord> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<RawRecord> {
        public Snapshot() {
            super(RawRecordSerializer::new);
        }
    }
}
