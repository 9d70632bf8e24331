package io.tributary.change;

import org.jspecify.annotations.Nullable;

/**
 * A record as its topic holds it. Reused for the next record by the source: whoever keeps something copies it.
 */
public final class RawRecord {
    public String topic = "";
    public int partition;
    public long offset;
    /** When the record was written, in milliseconds since 1970; 0 when unknown. */
    public long timestamp;

    public byte @Nullable [] key;
    public byte @Nullable [] value;
    /** The record's headers, as far as anyone asks. */
    public Headers headers = Headers.NONE;

    /** Which headers a record has. */
    public interface Headers {
        Headers NONE = name -> null;

        /** The header's bytes, empty if it has none; null if there is no such header. */
        byte @Nullable [] value(String name);

        default boolean has(String name) {
            return value(name) != null;
        }
    }

    public RawRecord set(
            String topic, int partition, long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value) {
        this.topic = topic;
        this.partition = partition;
        this.offset = offset;
        this.timestamp = timestamp;
        this.key = key;
        this.value = value;
        this.headers = Headers.NONE;
        return this;
    }

    /** The place as messages give it. */
    public String place() {
        return "[" + topic + "-" + partition + "@" + offset + "]";
    }
}
