package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.Operation;
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
 * create is lost (its issue dbz#2549): then the row is nowhere until it changes again. In a topic of one partition nothing of that
 * connector stands between the two, so that its next record tells. In others the create may be on its way: those the changelog tells, once all partitions are past it.
 */
final class HalfChanges {
    /** In the headers of the create. */
    private static final String OLD_KEY = "__debezium.oldkey";

    private final Map<String, Half> bySource = new HashMap<>();
    private long lastSchema;
    private String lastSource = "";

    /**
     * The newest delete of a changed key.
     *
     * @param source its topic, and its connector, server and database, a line each
     * @param table as the account calls it
     * @param commit its place in the source's own order, as events have it: the commit before its transaction, then the event
     * @param origin the record, as its dead letter has it
     * @param isOpen whether its create has not come
     */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    record Half(String source, long offset, String table, long commit, long event, byte[] origin, boolean isOpen) {
        private Half closed() {
            return new Half(source, offset, table, commit, event, new byte[0], false);
        }

        private boolean isBefore(Event next) {
            return next.sequenceEvent >= 0
                    && (next.sequenceCommit > commit || next.sequenceCommit == commit && next.sequenceEvent > event);
        }

        /** Also of one that was repaired, and has lost its headers. */
        private boolean isOtherHalf(Event next) {
            return next.operation == Operation.CREATE && next.sequenceCommit == commit && next.sequenceEvent == event;
        }

        private byte[] toBytes() throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(source);
                out.writeLong(offset);
                out.writeUTF(table);
                out.writeLong(commit);
                out.writeLong(event);
                out.writeBoolean(isOpen);
                out.writeInt(origin.length);
                out.write(origin);
            }
            return bytes.toByteArray();
        }

        private static Half of(byte[] bytes) throws IOException {
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
                String source = in.readUTF();
                long offset = in.readLong();
                String table = in.readUTF();
                long commit = in.readLong();
                long event = in.readLong();
                boolean isOpen = in.readBoolean();
                return new Half(source, offset, table, commit, event, in.readNBytes(in.readInt()), isOpen);
            }
        }

        private static Half newer(Half one, Half other) {
            if (one.offset != other.offset) {
                return one.offset > other.offset ? one : other;
            }
            return one.isOpen ? other : one;
        }
    }

    /**
     * Takes a record of a row.
     *
     * @param letter gives what a dead letter would have of it
     * @return the half of before it whose other half is lost; null if there is none. It is told at the place of this record: all
     *     that is before may be committed
     */
    @Nullable
    Half next(RawRecord record, Event event, String table, Function<RawRecord, byte[]> letter) {
        if (bySource.isEmpty() && !event.moved || !record.alone || record.replay >= 0) {
            return null;
        }
        String source = source(record, event);
        if (source.isEmpty()) {
            if (event.schema == null && record.headers.has(OLD_KEY)) { // it came, and is a dead letter of its own
                bySource.replaceAll((key, half) -> key.startsWith(record.topic + "\n") ? half.closed() : half);
            }
            return null;
        }
        Half known = bySource.get(source);
        Half lost = null;
        if (known != null && known.isOpen && record.offset > known.offset) {
            boolean isFurther = known.isBefore(event);
            if (isFurther || record.headers.has(OLD_KEY) || known.isOtherHalf(event)) {
                bySource.put(source, known.closed());
            }
            lost = isFurther ? known : null;
        }
        if (event.moved && event.sequenceEvent >= 0) {
            byte[] origins = letter.apply(record);
            bySource.put(
                    source,
                    new Half(source, record.offset, table, event.sequenceCommit, event.sequenceEvent, origins, true));
        }
        return lost;
    }

    /** A schema is of one topic and one origin; empty where that is not told. */
    private String source(RawRecord record, Event event) {
        if (event.schema == null) {
            return "";
        }
        if (event.schema.id() != lastSchema) {
            String origin = event.schema.told().origin();
            lastSchema = event.schema.id();
            lastSource = origin.isEmpty() ? "" : record.topic + "\n" + origin;
        }
        return lastSource;
    }

    /** What {@link #recall} takes; also of those that are closed, as another task may remember them as they were. */
    List<byte[]> memory() throws IOException {
        List<byte[]> memory = new ArrayList<>();
        for (Half half : bySource.values()) {
            memory.add(half.toBytes());
        }
        return memory;
    }

    /** Takes what any of the tasks had: of a source, the newest is right, and of that what was closed. */
    void recall(byte[] memory) throws IOException {
        Half half = Half.of(memory);
        bySource.merge(half.source, half, Half::newer);
    }
}
