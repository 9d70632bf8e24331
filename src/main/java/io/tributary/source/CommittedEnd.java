package io.tributary.source;

import io.tributary.flow.UnreachableException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.kafka.common.TopicPartition;

/**
 * What is committed now: the connector's own end is that of open transactions too, which a reader of what is committed does not
 * come to.
 */
final class CommittedEnd implements OffsetsInitializer {
    private final String bootstrap;
    private final HashMap<String, String> properties;

    /** @param properties for the client */
    CommittedEnd(String bootstrap, Map<String, String> properties) {
        this.bootstrap = bootstrap;
        this.properties = new HashMap<>(properties);
    }

    @Override
    public Map<TopicPartition, Long> getPartitionOffsets(
            Collection<TopicPartition> partitions, PartitionOffsetsRetriever retriever) {
        try (KafkaTopics topics = new KafkaTopics(bootstrap, properties)) {
            return topics.committedEnds(partitions);
        } catch (ExecutionException | TimeoutException e) {
            throw new UnreachableException("cannot ask Kafka at 'source.bootstrap' " + bootstrap
                    + " for the ends of topics: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting for Kafka at " + bootstrap);
        }
    }

    @Override
    @SuppressWarnings("deprecation") // of the connector's interface
    public org.apache.kafka.clients.consumer.OffsetResetStrategy getAutoOffsetResetStrategy() {
        return org.apache.kafka.clients.consumer.OffsetResetStrategy.NONE;
    }
}
