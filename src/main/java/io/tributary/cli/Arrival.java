package io.tributary.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Finds out that everything has passed the connector: a logical decoding message comes out of it after every change that was
 * committed before.
 */
final class Arrival {
    private static final TopicPartition MESSAGES = new TopicPartition("cdc.message", 0);

    private Arrival() {}

    /** @throws IOException if the message does not come in time */
    static void mark(Connection source, String bootstrap, Duration timeout) throws SQLException, IOException {
        String mark = UUID.randomUUID().toString();
        try (PreparedStatement statement =
                source.prepareStatement("select pg_logical_emit_message(true, 'tributary', ?)")) {
            statement.setString(1, mark);
            statement.execute();
        }
        // the content of a message event is bytes: base64 in JSON
        String wanted = Base64.getEncoder().encodeToString(mark.getBytes(StandardCharsets.UTF_8));
        long deadline = System.nanoTime() + timeout.toNanos();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrap,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed",
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(MESSAGES));
            while (System.nanoTime() < deadline) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    byte[] value = record.value();
                    if (value != null && new String(value, StandardCharsets.UTF_8).contains(wanted)) {
                        return;
                    }
                }
            }
        }
        throw new IOException("the connector has not passed on all changes within " + timeout.toSeconds() + " s");
    }
}
