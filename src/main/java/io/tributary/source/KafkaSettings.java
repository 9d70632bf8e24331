package io.tributary.source;

import io.tributary.change.Secret;
import java.util.Map;

/**
 * How the topics of a pipeline are read.
 *
 * @param bootstrap brokers, as {@code host:port,…}
 * @param topics a pattern of topic names
 * @param group the consumer group
 * @param properties for the client, as they are
 * @param replays the topic of dead letters that are offered again, and of requests to the job
 * @param skipsGaps whether the job goes on behind records that Kafka deleted before it had read them
 * @param secret what records on the topic of replays are signed with
 */
public record KafkaSettings(
        String bootstrap,
        String topics,
        String group,
        Map<String, String> properties,
        String replays,
        boolean skipsGaps,
        Secret secret) {

    /** The same of other topics. */
    public KafkaSettings of(String otherTopics) {
        return new KafkaSettings(bootstrap, otherTopics, group, properties, replays, skipsGaps, secret);
    }

    // what properties hold is never printed
    @Override
    public String toString() {
        return "KafkaSettings[" + bootstrap + ", " + topics + "]";
    }
}
