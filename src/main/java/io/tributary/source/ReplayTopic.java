package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.flow.UnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Sends dead letters to the topic where the job reads them again. */
public final class ReplayTopic {
    private static final int TIMEOUT_SECONDS = 10;

    private ReplayTopic() {}

    /**
     * A dead letter to be offered again.
     *
     * @param record at its old place
     * @param readAgain whether its bytes must not be stored a second time
     * @param unchangedTo see {@link RawRecord#unchangedTo}
     */
    public record Offer(RawRecord record, boolean readAgain, long unchangedTo) {}

    /**
     * Sends, in this order; makes the topic, of one partition and for ever, if it is not there.
     *
     * @throws UnreachableException if no broker answers, or it takes none
     */
    public static void send(KafkaSettings settings, List<Offer> offers) {
        String topic = settings.replays();
        sendAll(
                settings,
                "offer dead letters",
                offers.stream()
                        .map(offer -> Replays.of(
                                topic, offer.record(), offer.readAgain(), offer.unchangedTo(), settings.secret()))
                        .toList());
    }

    /**
     * Asks the job for all rows that it has of tables; makes the topic if it is not there.
     *
     * @throws UnreachableException if no broker answers, or it takes none
     */
    public static void show(KafkaSettings settings, List<TableName> tables) {
        sendAll(
                settings,
                "ask for rows",
                tables.stream()
                        .map(table -> Replays.show(settings.replays(), table, settings.secret()))
                        .toList());
    }

    private static void sendAll(KafkaSettings settings, String what, List<ProducerRecord<byte[], byte[]>> records) {
        String topic = settings.replays();
        Properties properties = new Properties();
        properties.putAll(settings.properties());
        properties.setProperty("bootstrap.servers", settings.bootstrap());
        properties.setProperty("default.api.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        properties.setProperty("request.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000 / 2));
        properties.setProperty("max.block.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        properties.setProperty("delivery.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        properties.setProperty("linger.ms", "0");
        properties.setProperty("max.in.flight.requests.per.connection", "1");
        try {
            create(properties, topic);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
                List<Future<RecordMetadata>> sent = new ArrayList<>();
                records.forEach(record -> sent.add(producer.send(record)));
                for (Future<RecordMetadata> each : sent) {
                    each.get(2 * TIMEOUT_SECONDS, TimeUnit.SECONDS);
                }
            }
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new UnreachableException("cannot " + what + " on the topic '" + topic + "' at "
                    + settings.bootstrap() + ": "
                    + (cause.getMessage() == null ? "no answer within " + TIMEOUT_SECONDS + " s" : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while sending to Kafka");
        }
    }

    private static void create(Properties properties, String topic)
            throws ExecutionException, InterruptedException, TimeoutException {
        try (Admin admin = Admin.create(properties)) {
            admin.createTopics(List.of(new NewTopic(topic, java.util.Optional.of(1), java.util.Optional.empty())
                            .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1"))))
                    .all()
                    .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }
}
