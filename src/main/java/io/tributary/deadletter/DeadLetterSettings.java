package io.tributary.deadletter;

import io.tributary.change.Secret;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * The topic of the dead letters, as the pipeline file has it.
 *
 * @param bootstrap of its brokers; null where they are the source's
 * @param properties for the producer, over those of the source where the brokers are the source's
 */
public record DeadLetterSettings(
        String topic, @Nullable String bootstrap, @Nullable Map<String, Secret> properties) {

    /**
     * What the producer is set to, {@code bootstrap.servers} included.
     *
     * @param source what the source's Kafka client is set to: taken where the brokers are the source's
     */
    Properties producer(Map<String, String> source) {
        Properties all = new Properties();
        if (bootstrap == null) {
            all.putAll(source);
        } else {
            all.setProperty("bootstrap.servers", bootstrap);
        }
        all.putAll(Secret.values(properties));
        return all;
    }
}
