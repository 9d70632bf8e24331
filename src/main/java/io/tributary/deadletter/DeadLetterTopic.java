package io.tributary.deadletter;

import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Sees to it, before a job starts, that the topic is there and takes the largest letter. */
public final class DeadLetterTopic {
    private static final int TIMEOUT_SECONDS = 10;

    private DeadLetterTopic() {}

    /**
     * Makes the topic, with the broker's defaults, if it is not there.
     *
     * @param properties for the producer, {@code bootstrap.servers} included
     * @param bootstrap the setting that names the brokers
     * @throws UnreachableException if no broker answers, or the topic cannot be made
     * @throws ConfigException if the producer would send more than the topic takes
     */
    public static void ensure(String topic, Properties properties, String bootstrap) {
        Properties admin = new Properties();
        admin.putAll(properties);
        admin.setProperty("default.api.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        admin.setProperty("request.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000 / 2));
        String brokers = properties.getProperty("bootstrap.servers");
        try (Admin kafka = Admin.create(admin)) {
            if (!exists(kafka, topic)) {
                create(kafka, topic, brokers);
            }
            checkSize(kafka, topic, DeadLetterSink.largestRecord(properties));
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new UnreachableException("cannot reach Kafka at '" + bootstrap + "' " + brokers + ": "
                    + (cause instanceof TimeoutException
                                    || cause instanceof org.apache.kafka.common.errors.TimeoutException
                                    || cause.getMessage() == null
                            ? "no answer within " + TIMEOUT_SECONDS + " s"
                            : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting for Kafka at " + brokers);
        }
    }

    private static boolean exists(Admin kafka, String topic)
            throws ExecutionException, InterruptedException, TimeoutException {
        try {
            wait(kafka.describeTopics(List.of(topic)).allTopicNames());
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    private static void create(Admin kafka, String topic, String brokers)
            throws InterruptedException, TimeoutException {
        try {
            wait(kafka.createTopics(List.of(new NewTopic(topic, Optional.empty(), Optional.empty())))
                    .all());
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) { // another job was quicker
                throw new UnreachableException("cannot make the topic '" + topic + "' of 'sinks.dead-letters.topic' at "
                        + brokers + ": "
                        + (e.getCause() == null ? e.getMessage() : e.getCause().getMessage()));
            }
        }
    }

    /** What the broker refuses would stop the job, again and again. */
    private static void checkSize(Admin kafka, String topic, int largest)
            throws InterruptedException, TimeoutException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        ConfigEntry entry;
        try {
            Config config = wait(kafka.describeConfigs(List.of(resource)).all()).get(resource);
            entry = config == null ? null : config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG);
        } catch (ExecutionException e) {
            return; // it may be written, and not be asked about
        }
        if (entry != null && entry.value() != null && Long.parseLong(entry.value()) < largest) {
            throw new ConfigException(
                    ("'sinks.dead-letters.properties.max.request.size' must be at most the max.message.bytes of the topic '%s',"
                                    + " which is %s, got %d")
                            .formatted(topic, entry.value(), largest));
        }
    }

    private static <T> T wait(KafkaFuture<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }
}
