package io.tributary.change;

import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * A record as its topic holds it. Reused for the next record by the source: whoever keeps something copies it.
 */
public final class RawRecord {
    public String topic = "";
    /** What Kafka tells a topic from an earlier one of its name by; empty when unknown. Stays what it is for the next record. */
    public String topicId = "";

    /** Whether the topic is known to have one partition. Stays what it is for the next record. */
    public boolean alone;

    public int partition;
    public long offset;
    /** When the record was written, in milliseconds since 1970; 0 when unknown. */
    public long timestamp;
    /** Of a dead letter that is offered again: its offset among those; -1 otherwise. Its place is that of its record. */
    public long replay = -1;
    /** In the place of {@link #replay}: it is on the topic of what is offered again, and nobody who may has offered it. */
    public static final long REFUSED = -2;

    /** Of a dead letter that is offered again: the offset of its partition below which no later record has its key; -1 if not known. */
    public long unchangedTo = -1;
    /** Of a dead letter that is offered again: when that was, in milliseconds since 1970. */
    public long offeredMillis;

    /** A request for the rows of a table, rather than a record of one. */
    public @Nullable TableName shows;
    /** In the place of records that Kafka deleted before they were read: how many offsets, of which this one is the last; else 0. */
    public long lost;

    public byte @Nullable [] key;
    public byte @Nullable [] value;
    /** The record's headers, as far as anyone asks. */
    public Headers headers = Headers.NONE;

    /** A record's headers in their order; of the record that is there now, when the source reuses it. */
    public interface Headers extends Iterable<Header> {
        Headers NONE = Collections::emptyIterator;

        default boolean has(String name) {
            for (Header header : this) {
                if (header.name().equals(name)) {
                    return true;
                }
            }
            return false;
        }

        /** The value of the last header of this name; null where there is none, or none in it. */
        default byte @Nullable [] value(String name) {
            byte[] value = null;
            for (Header header : this) {
                value = header.name().equals(name) ? header.value() : value;
            }
            return value;
        }
    }

    /** @param value from Kafka the bytes as they are; of a recorded event the JSON that stands there */
    @SuppressWarnings("ArrayRecordComponent") // opaque bytes, never compared
    public record Header(String name, byte @Nullable [] value) {}

    public RawRecord set(
            String topic, int partition, long offset, long timestamp, byte @Nullable [] key, byte @Nullable [] value) {
        this.topic = topic;
        this.partition = partition;
        this.offset = offset;
        this.timestamp = timestamp;
        this.replay = -1;
        this.unchangedTo = -1;
        this.lost = 0;
        this.shows = null;
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
