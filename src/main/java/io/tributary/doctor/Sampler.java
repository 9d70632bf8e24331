package io.tributary.doctor;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the newest records of each topic. */
final class Sampler {
    private static final int RECORDS = 200;
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private Sampler() {}

    /** @param kafka for the client, {@code bootstrap.servers} included */
    static List<TopicSample> sample(Map<String, String> kafka, Pattern topics) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.put("isolation.level", "read_committed");
        settings.put("enable.auto.commit", "false");
        settings.put("default.api.timeout.ms", String.valueOf(PATIENCE.toMillis()));
        settings.put("request.timeout.ms", String.valueOf(PATIENCE.toMillis() / 2));
        Map<String, TopicSample> samples = new TreeMap<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.listTopics().forEach((topic, infos) -> {
                if (topics.matcher(topic).matches()) {
                    samples.put(topic, new TopicSample(topic));
                    infos.forEach(info -> partitions.add(new TopicPartition(topic, info.partition())));
                }
            });
            Map<TopicPartition, Long> first = consumer.beginningOffsets(partitions);
            Map<TopicPartition, Long> end = consumer.endOffsets(partitions);
            for (TopicPartition partition : partitions) {
                long last = end.getOrDefault(partition, 0L);
                long from = Math.max(first.getOrDefault(partition, 0L), last - RECORDS);
                consumer.assign(List.of(partition));
                consumer.seek(partition, from);
                long deadline = System.nanoTime() + PATIENCE.toNanos();
                while (consumer.position(partition) < last && System.nanoTime() < deadline) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                        samples.computeIfAbsent(record.topic(), TopicSample::new)
                                .add(record.key(), record.value());
                    }
                }
            }
        }
        return List.copyOf(samples.values());
    }
}
