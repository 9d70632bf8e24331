package io.tributary.source;

import io.tributary.change.RawRecord;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * How far one reader has come in its partitions: between the deserializer, which sees the records, and the reader, which sees
 * checkpoints. Both have the same object, also after they were sent to a task.
 */
final class Positions implements Serializable {
    private transient @Nullable Map<TopicPartition, Position> positions;
    private transient @Nullable Position last;

    /** How far it has come in one of them. */
    static final class Position {
        final TopicPartition partition;
        final PartitionSplit began;
        /** Empty until it is known. */
        String topicId;
        /** Whether the topic has no other partition. */
        boolean isAlone;
        /** The last record that was read before is read again, to prove that it is the same. */
        boolean isProven;

        long lastOffset;
        long lastTimestamp;

        private Position(PartitionSplit began) {
            this.partition = began.getTopicPartition();
            this.began = began;
            this.topicId = began.topicId;
            this.lastOffset = began.lastOffset;
            this.lastTimestamp = began.lastTimestamp;
            this.isProven = began.lastOffset < 0;
        }

        /** Whether the record is one to be handed on. */
        private boolean isNew(ConsumerRecord<byte[], byte[]> record) {
            if (!isProven) {
                isProven = true;
                if (record.offset() == lastOffset && record.timestamp() != lastTimestamp) {
                    throw new SuppressRestartsException(new GapException(
                            Gap.otherRecord(began, record.timestamp()).message(false)));
                }
            }
            if (record.offset() <= lastOffset) {
                return false;
            }
            lastOffset = record.offset();
            lastTimestamp = record.timestamp();
            return true;
        }
    }

    private Map<TopicPartition, Position> all() {
        Map<TopicPartition, Position> all = positions;
        if (all == null) {
            all = new HashMap<>();
            positions = all;
        }
        return all;
    }

    /** Takes note that a partition is read from there on. */
    Position begin(PartitionSplit split) {
        Position begun = new Position(split);
        all().put(split.getTopicPartition(), begun);
        last = null;
        return begun;
    }

    @Nullable
    Position of(TopicPartition partition) {
        return all().get(partition);
    }

    /** The partitions that were ever begun. */
    Iterable<Position> each() {
        return all().values();
    }

    /** Takes note of a record; false if it was read before. Puts what is known of the topic into what is made of it. */
    boolean isNew(ConsumerRecord<byte[], byte[]> record, RawRecord made) {
        Position position = last;
        if (position == null
                || position.partition.partition() != record.partition()
                || !position.partition.topic().equals(record.topic())) {
            position = all().get(new TopicPartition(record.topic(), record.partition()));
            if (position == null) {
                throw new IllegalStateException(
                        "a record of " + record.topic() + "-" + record.partition() + ", which was not assigned");
            }
            last = position;
        }
        made.topicId = position.topicId;
        made.alone = position.isAlone;
        return position.isNew(record);
    }
}
