package io.tributary.source;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Where a consumer stands behind a record: the end of a transaction takes an offset that no record has, and the connector, which
 * counts records, would go on before it. Once retention has deleted it, that looked like a record that is lost.
 */
public final class NextOffsets implements ConsumerInterceptor<byte[], byte[]> {
    /** Of the tasks of this process: what lies behind a record is the same for each of them. */
    private static final Map<TopicPartition, Next> NEXT = new ConcurrentHashMap<>();

    private record Next(long record, long next) {}

    /** The next offset that may have a record, behind the last record that was read. */
    static long after(TopicPartition partition, long lastOffset) {
        Next known = NEXT.get(partition);
        return known != null && known.record == lastOffset ? Math.max(known.next, lastOffset + 1) : lastOffset + 1;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
        records.nextOffsets().forEach((partition, position) -> {
            List<ConsumerRecord<byte[], byte[]>> own = records.records(partition);
            Next before = NEXT.get(partition);
            if (!own.isEmpty()) {
                NEXT.put(partition, new Next(own.get(own.size() - 1).offset(), position.offset()));
            } else if (before != null && before.next <= position.offset()) {
                NEXT.put(partition, new Next(before.record, position.offset()));
            }
        });
        return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {
        // nothing depends on it
    }

    @Override
    public void close() {
        // others may still read
    }

    @Override
    public void configure(Map<String, ?> configs) {
        // there is nothing to configure
    }
}
