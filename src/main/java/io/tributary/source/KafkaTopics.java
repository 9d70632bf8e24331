package io.tributary.source;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What Kafka says of topics. */
final class KafkaTopics implements AutoCloseable {
    static final int TIMEOUT_SECONDS = 10;

    private final Admin admin;

    /** Where a partition begins, and where it ends. */
    record Range(long beginning, long end) {}

    /** @param given for the client */
    KafkaTopics(String bootstrap, Map<String, String> given) {
        Properties properties = new Properties();
        properties.putAll(given);
        properties.setProperty("bootstrap.servers", bootstrap);
        properties.setProperty("default.api.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        properties.setProperty("request.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000 / 2));
        this.admin = Admin.create(properties);
    }

    KafkaTopics(Admin admin) {
        this.admin = admin;
    }

    Admin admin() {
        return admin;
    }

    /** @param id empty where Kafka gives none */
    record Topic(String id, int partitions) {}

    /** The topics' ids; without those that are not there. */
    Map<String, String> ids(Collection<String> names)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, String> ids = new HashMap<>();
        topics(names).forEach((name, topic) -> ids.put(name, topic.id()));
        return ids;
    }

    /** The topics of these names that are there. */
    Map<String, Topic> topics(Collection<String> topics)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<String, Topic> found = new HashMap<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                admin.describeTopics(topics).topicNameValues().entrySet()) {
            try {
                TopicDescription now = wait(topic.getValue());
                Uuid id = now.topicId();
                found.put(
                        topic.getKey(),
                        new Topic(
                                id == null || id.equals(Uuid.ZERO_UUID) ? "" : id.toString(),
                                now.partitions().size()));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return found;
    }

    /** Where partitions begin and end; without those that are not there. */
    Map<TopicPartition, Range> ranges(Collection<TopicPartition> partitions)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, Long> beginnings =
                offsets(partitions, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, Range> ranges = new HashMap<>();
        Set<TopicPartition> there = new HashSet<>(beginnings.keySet());
        there.retainAll(ends.keySet());
        for (TopicPartition partition : there) {
            ranges.put(partition, new Range(beginnings.getOrDefault(partition, 0L), ends.getOrDefault(partition, 0L)));
        }
        return ranges;
    }

    /** Where a reader of what is committed comes to the end; without partitions that are not there. */
    Map<TopicPartition, Long> committedEnds(Collection<TopicPartition> partitions)
            throws ExecutionException, InterruptedException, TimeoutException {
        return offsets(partitions, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED);
    }

    private Map<TopicPartition, Long> offsets(
            Collection<TopicPartition> partitions, OffsetSpec spec, IsolationLevel level)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        var result = admin.listOffsets(wanted, new ListOffsetsOptions(level));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (TopicPartition partition : wanted.keySet()) {
            try {
                ListOffsetsResultInfo info = wait(result.partitionResult(partition));
                offsets.put(partition, info.offset());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return offsets;
    }

    static <T> T wait(KafkaFuture<T> future) throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
