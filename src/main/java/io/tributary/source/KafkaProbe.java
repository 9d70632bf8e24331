package io.tributary.source;

import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
import io.tributary.config.UnreachableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Asks Kafka, before a job starts, whether it is there and how far back its topics reach. */
public final class KafkaProbe {
    private static final int TIMEOUT_SECONDS = 10;

    /** Where each partition that the job reads begins, and where it ends. */
    private final Map<TopicPartition, Long> beginnings;

    private final Map<TopicPartition, Long> ends;
    private final Map<TopicPartition, Long> read;

    private KafkaProbe(
            Map<TopicPartition, Long> beginnings, Map<TopicPartition, Long> ends, Map<TopicPartition, Long> read) {
        this.beginnings = beginnings;
        this.ends = ends;
        this.read = read;
    }

    /** @throws UnreachableException if no broker answers */
    public static KafkaProbe open(PipelineConfig config) {
        PipelineConfig.Source source = config.source();
        Properties properties = new Properties();
        properties.putAll(source.clientProperties());
        properties.setProperty("bootstrap.servers", String.valueOf(source.bootstrap()));
        properties.setProperty("default.api.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000));
        properties.setProperty("request.timeout.ms", String.valueOf(TIMEOUT_SECONDS * 1000 / 2));
        try (Admin admin = Admin.create(properties)) {
            Pattern topics = Pattern.compile(String.valueOf(source.topics()));
            Set<String> names = wait(admin.listTopics().names()).stream()
                    .filter(name -> topics.matcher(name).matches() || name.equals(config.replays()))
                    .collect(Collectors.toSet());
            List<TopicPartition> partitions = new ArrayList<>();
            for (TopicDescription topic :
                    wait(admin.describeTopics(names).allTopicNames()).values()) {
                topic.partitions().forEach(p -> partitions.add(new TopicPartition(topic.name(), p.partition())));
            }
            Map<TopicPartition, Long> read = new HashMap<>();
            wait(admin.listConsumerGroupOffsets(config.group()).partitionsToOffsetAndMetadata())
                    .forEach((partition, offset) -> read.put(partition, offset == null ? 0 : offset.offset()));
            return new KafkaProbe(
                    offsets(admin, partitions, OffsetSpec.earliest()),
                    offsets(admin, partitions, OffsetSpec.latest()),
                    read);
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new UnreachableException("cannot reach Kafka at 'source.bootstrap' " + source.bootstrap() + ": "
                    + (cause instanceof TimeoutException
                                    || cause instanceof org.apache.kafka.common.errors.TimeoutException
                                    || cause.getMessage() == null
                            ? "no answer within " + TIMEOUT_SECONDS + " s"
                            : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting for Kafka at " + source.bootstrap());
        }
    }

    private static Map<TopicPartition, Long> offsets(Admin admin, List<TopicPartition> partitions, OffsetSpec spec)
            throws ExecutionException, InterruptedException, TimeoutException {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> entry :
                wait(admin.listOffsets(wanted).all()).entrySet()) {
            offsets.put(entry.getKey(), entry.getValue().offset());
        }
        return offsets;
    }

    private static <T> T wait(org.apache.kafka.common.KafkaFuture<T> future)
            throws ExecutionException, InterruptedException, TimeoutException {
        return future.get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    /** Where the partitions that the job reads end. */
    public Map<TopicPartition, Long> ends() {
        return ends;
    }

    /** Up to where the job's last complete checkpoint has read, by partition; nothing if there was none. */
    public Map<TopicPartition, Long> read() {
        return read;
    }

    /** The topics that the job reads, but for that of replays and Debezium's own. */
    public Set<String> topics(PipelineConfig config) {
        return beginnings.keySet().stream()
                .map(TopicPartition::topic)
                .filter(name ->
                        !name.equals(config.replays()) && !name.startsWith("__") && !name.endsWith(".transaction"))
                .collect(Collectors.toSet());
    }

    /**
     * Refuses to wait for topics that are not there: a job that ends at what they hold now would never end.
     *
     * @throws ConfigException if no topic matches
     */
    public void checkTopics(PipelineConfig config) {
        Pattern topics = Pattern.compile(String.valueOf(config.source().topics()));
        if (beginnings.keySet().stream()
                .noneMatch(partition -> topics.matcher(partition.topic()).matches())) {
            throw new ConfigException("'source.topics' matches no topic at "
                    + config.source().bootstrap() + ", got '" + config.source().topics() + "'");
        }
    }

    /**
     * Refuses a gap between what a sink has and what the topics still hold.
     *
     * @param what has the tables: "the lake's table"
     * @param fences the next offset that the sink needs, by table, topic and partition
     */
    public void checkReach(String what, Map<String, Map<TopicPartition, Long>> fences) {
        fences.forEach((table, offsets) -> offsets.forEach((partition, next) -> {
            long end = ends.getOrDefault(partition, Long.MAX_VALUE);
            if (end < next) {
                throw new UnreachableException(
                        ("%s %s has all below offset %d of %s, but the topic ends at %d: it is another topic of"
                                        + " the same name, and its changes would be taken for known. Move the table away")
                                .formatted(what, table, next, partition, end));
            }
            long beginning = beginnings.getOrDefault(partition, 0L);
            if (beginning > next) {
                throw new UnreachableException(
                        ("%s %s ends before offset %d of %s, but the topic now begins at %d: what lies between"
                                        + " is lost. Restore a savepoint, or move the table away and let a new snapshot fill it")
                                .formatted(what, table, next, partition, beginning));
            }
        }));
    }
}
