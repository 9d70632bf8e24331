package io.tributary.cli;

import io.tributary.local.BenchEvents;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The process that does nothing but read the topic. */
final class BenchConsumer {
    private BenchConsumer() {}

    /** @param args the brokers and how many events to read */
    public static void main(String[] args) {
        long events = Long.parseLong(args[1]);
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                args[0],
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                4_194_304,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        BenchProcess.Meter meter = new BenchProcess.Meter("bare consumer", events);
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(BenchEvents.TOPIC).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList();
            consumer.assign(partitions);
            while (count < events) {
                count += consumer.poll(Duration.ofMillis(200)).count();
                meter.progress(count);
            }
        }
        meter.done(Map.of());
    }
}
