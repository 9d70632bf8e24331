package io.tributary.flow;

import io.tributary.change.Event;
import io.tributary.change.Operation;
import java.io.IOException;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.jspecify.annotations.Nullable;

/**
 * Events on the wire. A row carries its schema's id only; a definition carries the schema.
 *
 * <p>{@link #deserialize(DataInputView)} gives the same instance each time: the pipeline switches object reuse on, and no
 * operator of ours keeps an event.
 */
public final class EventSerializer extends TypeSerializer<Event> {
    private static final int SNAPSHOT = 1;
    private static final int SCHEMA = 2;
    private static final int FIRST = 4;
    private static final int LAST = 8;
    private static final int TOMBSTONE = 16;
    private static final int MOVED = 32;
    private static final int REPLAY = 64;
    private static final int APPENDS = 128;

    private transient @Nullable Event reused;
    private transient byte @Nullable [] buffer;

    @Override
    public boolean isImmutableType() {
        return false;
    }

    @Override
    public TypeSerializer<Event> duplicate() {
        return new EventSerializer();
    }

    @Override
    public Event createInstance() {
        return new Event();
    }

    @Override
    public Event copy(Event from) {
        return copy(from, new Event());
    }

    @Override
    public Event copy(Event from, Event reuse) {
        reuse.kind = from.kind;
        reuse.operation = from.operation;
        reuse.bucket = from.bucket;
        reuse.schemaId = from.schemaId;
        reuse.schema = from.schema;
        reuse.partition = from.partition;
        reuse.offset = from.offset;
        reuse.replay = from.replay;
        reuse.unchangedTo = from.unchangedTo;
        reuse.sourceMillis = from.sourceMillis;
        reuse.recordMillis = from.recordMillis;
        reuse.snapshot = from.snapshot;
        reuse.first = from.first;
        reuse.last = from.last;
        reuse.tombstone = from.tombstone;
        reuse.moved = from.moved;
        reuse.appends = from.appends;
        reuse.sequenceCommit = from.sequenceCommit;
        reuse.sequenceEvent = from.sequenceEvent;
        Wire.copy(from.key, reuse.key);
        Wire.copy(from.oldKey, reuse.oldKey);
        Wire.copy(from.before, reuse.before);
        Wire.copy(from.after, reuse.after);
        Wire.copy(from.patch, reuse.patch);
        Wire.copy(from.origin, reuse.origin);
        Wire.copy(from.transaction, reuse.transaction);
        return reuse;
    }

    @Override
    public int getLength() {
        return -1;
    }

    @Override
    public void serialize(Event event, DataOutputView target) throws IOException {
        boolean tells = event.schema != null && (event.kind == Event.Kind.DEFINITION || event.kind == Event.Kind.SHOW);
        target.writeByte(event.kind.ordinal() << 4 | event.operation.ordinal());
        target.writeByte((event.snapshot ? SNAPSHOT : 0)
                | (tells ? SCHEMA : 0)
                | (event.first ? FIRST : 0)
                | (event.last ? LAST : 0)
                | (event.tombstone ? TOMBSTONE : 0)
                | (event.moved ? MOVED : 0)
                | (event.appends ? APPENDS : 0)
                | (event.replay >= 0 ? REPLAY : 0));
        target.writeLong(event.bucket);
        target.writeLong(event.schemaId);
        target.writeInt(event.partition);
        target.writeLong(event.offset);
        if (event.replay >= 0) {
            target.writeLong(event.replay);
            target.writeLong(event.unchangedTo);
        }
        target.writeLong(event.sourceMillis);
        target.writeLong(event.recordMillis);
        target.writeLong(event.sequenceCommit);
        target.writeLong(event.sequenceEvent);
        target.writeInt(event.key.length());
        target.writeInt(event.oldKey.length());
        target.writeInt(event.before.length());
        target.writeInt(event.after.length());
        target.writeInt(event.patch.length());
        target.writeInt(event.origin.length());
        target.writeInt(event.transaction.length());
        Wire.write(event.key, target);
        Wire.write(event.oldKey, target);
        Wire.write(event.before, target);
        Wire.write(event.after, target);
        Wire.write(event.patch, target);
        Wire.write(event.origin, target);
        Wire.write(event.transaction, target);
        if (tells && event.schema != null) {
            Wire.write(event.schema, target);
        }
    }

    @Override
    public Event deserialize(DataInputView source) throws IOException {
        if (reused == null) {
            reused = new Event();
        }
        return deserialize(reused, source);
    }

    @Override
    public Event deserialize(Event reuse, DataInputView source) throws IOException {
        int kind = source.readByte();
        reuse.kind = Event.Kind.of(kind >> 4);
        reuse.operation = Operation.of(kind & 0xf);
        int flags = source.readByte();
        reuse.snapshot = (flags & SNAPSHOT) != 0;
        reuse.first = (flags & FIRST) != 0;
        reuse.last = (flags & LAST) != 0;
        reuse.tombstone = (flags & TOMBSTONE) != 0;
        reuse.moved = (flags & MOVED) != 0;
        reuse.appends = (flags & APPENDS) != 0;
        reuse.bucket = source.readLong();
        reuse.schemaId = source.readLong();
        reuse.partition = source.readInt();
        reuse.offset = source.readLong();
        boolean replay = (flags & REPLAY) != 0;
        reuse.replay = replay ? source.readLong() : -1;
        reuse.unchangedTo = replay ? source.readLong() : -1;
        reuse.sourceMillis = source.readLong();
        reuse.recordMillis = source.readLong();
        reuse.sequenceCommit = source.readLong();
        reuse.sequenceEvent = source.readLong();
        int key = source.readInt();
        int oldKey = source.readInt();
        int before = source.readInt();
        int after = source.readInt();
        int patch = source.readInt();
        int origin = source.readInt();
        int transaction = source.readInt();
        int total = Math.max(key, 0)
                + Math.max(oldKey, 0)
                + Math.max(before, 0)
                + Math.max(after, 0)
                + Math.max(patch, 0)
                + Math.max(origin, 0)
                + Math.max(transaction, 0);
        byte[] bytes = reuse == reused ? grown(total) : new byte[total];
        source.readFully(bytes, 0, total);
        int at = Wire.slice(reuse.key, bytes, 0, key);
        at = Wire.slice(reuse.oldKey, bytes, at, oldKey);
        at = Wire.slice(reuse.before, bytes, at, before);
        at = Wire.slice(reuse.after, bytes, at, after);
        at = Wire.slice(reuse.patch, bytes, at, patch);
        at = Wire.slice(reuse.origin, bytes, at, origin);
        Wire.slice(reuse.transaction, bytes, at, transaction);
        reuse.schema = (flags & SCHEMA) != 0 ? Wire.readSchema(source) : null;
        return reuse;
    }

    private byte[] grown(int total) {
        byte[] bytes = Wire.grown(buffer == null ? new byte[0] : buffer, total);
        buffer = bytes;
        return bytes;
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serialize(deserialize(source), target);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EventSerializer;
    }

    @Override
    public int hashCode() {
        return EventSerializer.class.hashCode();
    }

    @Override
    public TypeSerializerSnapshot<Event> snapshotConfiguration() {
        return new Snapshot();
    }

    /** Named in savepoints. */
    public static final class Snapshot extends SimpleTypeSerializerSnapshot<Event> {
        public Snapshot() {
            super(EventSerializer::new);
        }
    }
}
