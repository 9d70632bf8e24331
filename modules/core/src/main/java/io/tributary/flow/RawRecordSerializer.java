package io.tributary.flow;

import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/** Raw records, for the case that source and decode are not chained. */
public final class RawRecordSerializer extends TypeSerializerSingleton<RawRecord> {
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
        List<RawRecord.Header> headers = new ArrayList<>();
        from.headers.forEach(headers::add);
        reuse.headers = of(headers);
        reuse.topicId = from.topicId;
        reuse.alone = from.alone;
        reuse.replay = from.replay;
        reuse.unchangedTo = from.unchangedTo;
        reuse.lost = from.lost;
        reuse.shows = from.shows;
        return reuse;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(RawRecord record, DataOutputView target) throws IOException {
        target.writeUTF(record.topic);
        target.writeUTF(record.topicId);
        target.writeBoolean(record.alone);
        target.writeInt(record.partition);
        target.writeLong(record.offset);
        target.writeLong(record.timestamp);
        target.writeLong(record.replay);
        target.writeLong(record.unchangedTo);
        target.writeLong(record.lost);
        target.writeBoolean(record.shows != null);
        if (record.shows != null) {
            target.writeUTF(record.shows.schema());
            target.writeUTF(record.shows.table());
        }
        write(record.key, target);
        write(record.value, target);
        for (RawRecord.Header header : record.headers) {
            target.writeBoolean(true);
            write(header.name().getBytes(StandardCharsets.UTF_8), target);
            write(header.value(), target);
        }
        target.writeBoolean(false);
    }

    private static RawRecord.Headers of(List<RawRecord.Header> headers) {
        return headers.isEmpty() ? RawRecord.Headers.NONE : headers::iterator;
    }

    @Override
    public RawRecord deserialize(DataInputView source) throws IOException {
        return deserialize(new RawRecord(), source);
    }

    @Override
    public RawRecord deserialize(RawRecord reuse, DataInputView source) throws IOException {
        String topic = source.readUTF();
        String topicId = source.readUTF();
        boolean alone = source.readBoolean();
        int partition = source.readInt();
        long offset = source.readLong();
        long timestamp = source.readLong();
        long replay = source.readLong();
        long unchangedTo = source.readLong();
        long lost = source.readLong();
        TableName shows = source.readBoolean() ? new TableName(source.readUTF(), source.readUTF()) : null;
        reuse.set(topic, partition, offset, timestamp, read(source), read(source));
        reuse.topicId = topicId;
        reuse.alone = alone;
        reuse.replay = replay;
        reuse.unchangedTo = unchangedTo;
        reuse.lost = lost;
        reuse.shows = shows;
        List<RawRecord.Header> headers = new ArrayList<>();
        while (source.readBoolean()) {
            String name = new String(Objects.requireNonNull(read(source)), StandardCharsets.UTF_8);
            headers.add(new RawRecord.Header(name, read(source)));
        }
        reuse.headers = of(headers);
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
