package io.tributary.local;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Makes topics that are there once it returns. Kafka answers before its broker knows them: of what is sent by then, the first
 * batch may be refused for ever and a later one taken, and who asks is told that there is none.
 */
public final class TestTopics {
    private static final Duration SOON = Duration.ofSeconds(60);

    private TestTopics() {}

    public static NewTopic topic(String name, int partitions) {
        return new NewTopic(name, partitions, (short) 1);
    }

    public static void create(String bootstrap, NewTopic... topics) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.createTopics(List.of(topics)).all().get();
            awaitTopics(admin, List.of(topics));
        }
    }

    /** Deletes a topic and makes another of its name. */
    static void recreate(String bootstrap, NewTopic topic) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            admin.deleteTopics(List.of(topic.name())).all().get();
            await().atMost(SOON).until(() -> !admin.listTopics().names().get().contains(topic.name()));
            await().atMost(SOON).ignoreExceptions().until(() -> {
                admin.createTopics(List.of(topic)).all().get();
                return true;
            });
            awaitTopics(admin, List.of(topic));
        }
    }

    private static void awaitTopics(Admin admin, Collection<NewTopic> topics) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (NewTopic topic : topics) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        await().atMost(SOON)
                .ignoreExceptionsMatching(e -> e.getCause() instanceof UnknownTopicOrPartitionException)
                .until(() -> admin.listOffsets(ends).all().get().size() == ends.size());
    }
}
