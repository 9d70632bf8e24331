package io.tributary.local;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What Kafka itself says of topics: how many committed records there are, counted one by one (offsets have gaps), up to the
 * end offsets.
 *
 * @param records by topic
 * @param endOffsets by topic and partition
 */
public record TopicCounts(Map<String, Long> records, Map<String, Long> endOffsets) {

    public static TopicCounts of(String bootstrap, Pattern topics) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                false,
                ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                5000);
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
                    .filter(topic -> topics.matcher(topic.getKey()).matches())
                    .flatMap(topic ->
                            topic.getValue().stream().map(info -> new TopicPartition(info.topic(), info.partition())))
                    .toList();
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<String, Long> counts = new TreeMap<>();
            partitions.forEach(p -> counts.put(p.topic(), 0L));
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    if (record.offset()
                            < ends.getOrDefault(new TopicPartition(record.topic(), record.partition()), 0L)) {
                        counts.merge(record.topic(), 1L, Long::sum);
                    }
                }
            }
            Map<String, Long> endOffsets = new TreeMap<>();
            new HashMap<>(ends).forEach((p, end) -> endOffsets.put(p.toString(), end));
            return new TopicCounts(counts, endOffsets);
        }
    }

    public long total() {
        return records.values().stream().mapToLong(Long::longValue).sum();
    }
}
