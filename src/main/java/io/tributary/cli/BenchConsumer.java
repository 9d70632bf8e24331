package io.tributary.cli;

import io.tributary.local.BenchEvents;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** The process that does nothing but read the topic. */
final class BenchConsumer {
    private BenchConsumer() {}

    /** @param args the brokers and how many events to read */
    public static void main(String[] args) {
        long events = Long.parseLong(args[1]);
        BenchProcess.Meter meter = new BenchProcess.Meter("bare consumer", events);
        read(args[0], events, polled -> {}, meter::progress);
        meter.done(Map.of());
    }
    /** Reads the topic: so many events, and the rest of the last poll. */
    static void read(
            String bootstrap, long events, Consumer<ConsumerRecords<byte[], byte[]>> each, LongConsumer progress) {
        Map<String, Object> properties = Map.of(
                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                "read_committed",
                ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                4_194_304,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                "earliest");
        long count = 0;
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(consumer.partitionsFor(BenchEvents.TOPIC).stream()
                    .map(p -> new TopicPartition(p.topic(), p.partition()))
                    .toList());
            while (count < events) {
                ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofMillis(200));
                count += polled.count();
                each.accept(polled);
                progress.accept(count);
            }
        }
    }
}
