package io.tributary.source;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.kafka.common.TopicPartition;

/** A partition as it is kept in checkpoints: where to go on, and by what it is known that it is the same partition then. */
final class PartitionSplit extends KafkaPartitionSplit {
    /** Of a partition of which nothing was read, or by an earlier version. */
    static final long NONE = -1;

    /** The topic's id (KIP-516); empty where Kafka gives none, or an earlier version made this. */
    final String topicId;
    /** The offset of the last record that was read. */
    final long lastOffset;
    /** When that was written, in milliseconds since 1970. */
    final long lastTimestamp;

    PartitionSplit(
            TopicPartition partition,
            long startingOffset,
            long stoppingOffset,
            String topicId,
            long lastOffset,
            long lastTimestamp) {
        super(partition, startingOffset, stoppingOffset);
        this.topicId = topicId;
        this.lastOffset = lastOffset;
        this.lastTimestamp = lastTimestamp;
    }

    /** The same, to be read from elsewhere. */
    PartitionSplit from(long offset) {
        return new PartitionSplit(getTopicPartition(), offset, stopping(this), topicId, lastOffset, lastTimestamp);
    }

    static long stopping(KafkaPartitionSplit split) {
        return split.getStoppingOffset().orElse(NO_STOPPING_OFFSET);
    }

    static PartitionSplit of(KafkaPartitionSplit split) {
        return split instanceof PartitionSplit own
                ? own
                : new PartitionSplit(
                        split.getTopicPartition(), split.getStartingOffset(), stopping(split), "", NONE, NONE);
    }

    /** Reads the connector's own splits too. */
    static final class Serializer implements SimpleVersionedSerializer<KafkaPartitionSplit> {
        /** The connector counts from 0. */
        private static final int FIRST_OF_OURS = 1000;

        private final SimpleVersionedSerializer<KafkaPartitionSplit> inner;

        Serializer(SimpleVersionedSerializer<KafkaPartitionSplit> inner) {
            this.inner = inner;
        }

        @Override
        public int getVersion() {
            return FIRST_OF_OURS + inner.getVersion();
        }

        @Override
        public byte[] serialize(KafkaPartitionSplit split) throws IOException {
            PartitionSplit own = of(split);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(own.topicId);
                out.writeLong(own.lastOffset);
                out.writeLong(own.lastTimestamp);
                out.write(inner.serialize(split));
            }
            return bytes.toByteArray();
        }

        @Override
        public KafkaPartitionSplit deserialize(int version, byte[] serialized) throws IOException {
            if (version < FIRST_OF_OURS) {
                return of(inner.deserialize(version, serialized));
            }
            try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(serialized))) {
                String topicId = in.readUTF();
                long lastOffset = in.readLong();
                long lastTimestamp = in.readLong();
                KafkaPartitionSplit split = inner.deserialize(version - FIRST_OF_OURS, in.readAllBytes());
                return new PartitionSplit(
                        split.getTopicPartition(),
                        split.getStartingOffset(),
                        stopping(split),
                        topicId,
                        lastOffset,
                        lastTimestamp);
            }
        }
    }
}
