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
 * <p>What was offered again comes from where the lake ends; into a new lake it comes at its old place ({@link RawDeserializer}), and not
 * again at the end.
 */
final class EarliestOnly implements OffsetsInitializer {
    private final String replays;
    private final long replaysFrom;

    /** @param ends the next offset of each partition that the lake has; empty if it is new */
    EarliestOnly(String replays, Map<TopicPartition, Long> ends) {
        this.replays = replays;
        this.replaysFrom = ends.isEmpty() ? Long.MAX_VALUE : ends.getOrDefault(new TopicPartition(replays, 0), 0L);
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        Map<Boolean, List<TopicPartition>> byKind = partitions.stream()
                .collect(
                        Collectors.partitioningBy(partition -> partition.topic().equals(replays)));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        offsets.putAll(retriever.beginningOffsets(byKind.getOrDefault(false, List.of())));
        retriever
                .endOffsets(byKind.getOrDefault(true, List.of()))
                .forEach((partition, end) -> offsets.put(partition, Math.min(end, replaysFrom)));
        return offsets;
    }

    @Override
    @SuppressWarnings("deprecation") // of the connector's interface
    public org.apache.kafka.clients.consumer.OffsetResetStrategy getAutoOffsetResetStrategy() {
        return org.apache.kafka.clients.consumer.OffsetResetStrategy.NONE;
    }
}
