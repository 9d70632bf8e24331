package io.tributary.source;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.common.TopicPartition;

/**
 * A new partition from its beginning. An offset that is gone later fails the job: to go on elsewhere would skip changes.
 *
 * <p>What was offered again before a fresh job started it takes at its old place ({@link RawDeserializer}), not again at the end.
 */
final class EarliestOnly implements OffsetsInitializer {
    private final String replays;

    EarliestOnly(String replays) {
        this.replays = replays;
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        Map<Boolean, List<TopicPartition>> byKind = partitions.stream()
                .collect(
                        Collectors.partitioningBy(partition -> partition.topic().equals(replays)));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        offsets.putAll(retriever.beginningOffsets(byKind.getOrDefault(false, List.of())));
        offsets.putAll(retriever.endOffsets(byKind.getOrDefault(true, List.of())));
        return offsets;
    }

    @Override
    @SuppressWarnings("deprecation") // of the connector's interface
    public org.apache.kafka.clients.consumer.OffsetResetStrategy getAutoOffsetResetStrategy() {
        return org.apache.kafka.clients.consumer.OffsetResetStrategy.NONE;
    }
}
