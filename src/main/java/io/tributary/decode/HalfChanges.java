package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Changes of keys of which one half has come. Debezium tells a changed key as a delete, a tombstone and a create, and commits an offset
 * with each batch of records. A connector that is stopped where a batch ends between them goes on behind all three, so that the
 * create is lost (its issue 2549): then the row is nowhere until it changes again. In a topic of one partition nothing stands between
 * the two, so that the next record tells. In others it may be on its way; nothing is said of those.
 */
final class HalfChanges {
    /** In the headers of the create. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private final Map<String, Half> byTopic = new HashMap<>();

    /**
     * The newest delete of a changed key in a topic.
     *
     * @param table as the account calls it
     * @param commit its place in the source's own order, as events have it: the commit before its transaction, then the event
     * @param origin the record, as its dead letter has it
     * @param isOpen whether its create has not come
     */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    record Half(
            String topic,
            int partition,
            long offset,
            long timestamp,
            String table,
            long commit,
            long event,
            byte[] origin,
            boolean isOpen) {
        RawRecord place() {
            return new RawRecord().set(topic, partition, offset, timestamp, null, null);
        }

        private Half closed() {
            return new Half(topic, partition, offset, timestamp, table, commit, event, new byte[0], false);
        }

        private boolean isBefore(Event next) {
            return next.sequenceEvent >= 0
                    && (next.sequenceCommit > commit || next.sequenceCommit == commit && next.sequenceEvent > event);
        }
    }

    /**
     * Takes a record of a row.
     *
     * @param origin gives what its dead letter would have
     * @return the half of before it whose other half is lost; null if there is none
     */
    @Nullable
    Half next(RawRecord record, Event event, String table, Function<RawRecord, byte[]> origin) {
        if (!record.alone || record.replay >= 0) {
            return null;
        }
        Half known = byTopic.get(record.topic);
        boolean isDelete = event.moved && event.sequenceEvent >= 0;
        Half lost = null;
        if (known != null && known.isOpen && record.offset > known.offset) {
            boolean isFurther = known.isBefore(event);
            if (isFurther || record.headers.has(OLD_KEY)) {
                byTopic.put(record.topic, known.closed());
            }
            lost = isFurther ? known : null; // the other half has the same place
        }
        if (isDelete) {
            byTopic.put(
                    record.topic,
                    new Half(
                            record.topic,
                            record.partition,
                            record.offset,
                            record.timestamp,
                            table,
                            event.sequenceCommit,
                            event.sequenceEvent,
                            origin.apply(record),
                            true));
        }
        return lost;
    }

    /** What {@link #recall} takes; also of those that are closed, as another task may remember them as they were. */
    List<byte[]> memory() throws IOException {
        List<byte[]> memory = new ArrayList<>();
        for (Half half : byTopic.values()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(half.topic);
                out.writeInt(half.partition);
                out.writeLong(half.offset);
                out.writeLong(half.timestamp);
                out.writeUTF(half.table);
                out.writeLong(half.commit);
                out.writeLong(half.event);
                out.writeBoolean(half.isOpen);
                out.writeInt(half.origin.length);
                out.write(half.origin);
            }
            memory.add(bytes.toByteArray());
        }
        return memory;
    }

    /** Takes what any of the tasks had: of a topic, the newest is right, and of that what was closed. */
    void recall(byte[] memory) throws IOException {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(memory))) {
            String topic = in.readUTF();
            int partition = in.readInt();
            long offset = in.readLong();
            long timestamp = in.readLong();
            String table = in.readUTF();
            long commit = in.readLong();
            long event = in.readLong();
            boolean isOpen = in.readBoolean();
            Half half = new Half(
                    topic, partition, offset, timestamp, table, commit, event, in.readNBytes(in.readInt()), isOpen);
            byTopic.merge(
                    topic,
                    half,
                    (one, other) -> one.offset != other.offset
                            ? one.offset > other.offset ? one : other
                            : one.isOpen ? other : one);
        }
    }
}
