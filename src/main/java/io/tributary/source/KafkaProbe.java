package io.tributary.source;

import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Asks Kafka, before a job starts, whether it is there and how far back its topics reach. */
public final class KafkaProbe {
    /** Where each partition that the job reads begins and ends. */
    private final Map<TopicPartition, KafkaTopics.Range> ranges;

    private final Map<String, String> topicIds;
    private final Map<TopicPartition, Long> read;
    private final KafkaSettings settings;

    private KafkaProbe(
            KafkaSettings settings,
            Map<TopicPartition, KafkaTopics.Range> ranges,
            Map<String, String> topicIds,
            Map<TopicPartition, Long> read) {
        this.settings = settings;
        this.ranges = ranges;
        this.topicIds = topicIds;
        this.read = read;
    }

    /** @throws UnreachableException if no broker answers */
    public static KafkaProbe open(KafkaSettings settings) {
        try (KafkaTopics kafka = new KafkaTopics(settings.bootstrap(), settings.properties())) {
            Pattern topics = Pattern.compile(settings.topics());
            Map<String, KafkaTopics.Topic> found =
                    kafka.topics(KafkaTopics.wait(kafka.admin().listTopics().names()).stream()
                            .filter(name -> topics.matcher(name).matches() || name.equals(settings.replays()))
                            .toList());
            List<TopicPartition> partitions = new ArrayList<>();
            Map<String, String> ids = new HashMap<>();
            found.forEach((name, topic) -> {
                ids.put(name, topic.id());
                for (int partition = 0; partition < topic.partitions(); partition++) {
                    partitions.add(new TopicPartition(name, partition));
                }
            });
            Map<TopicPartition, Long> read = new HashMap<>();
            KafkaTopics.wait(kafka.admin()
                            .listConsumerGroupOffsets(settings.group())
                            .partitionsToOffsetAndMetadata())
                    .forEach((partition, offset) -> read.put(partition, offset == null ? 0 : offset.offset()));
            return new KafkaProbe(settings, kafka.ranges(partitions), ids, read);
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            Throwable cause = e instanceof ExecutionException && e.getCause() != null ? e.getCause() : e;
            throw new UnreachableException("cannot reach Kafka at 'source.bootstrap' " + settings.bootstrap() + ": "
                    + (cause instanceof TimeoutException
                                    || cause instanceof org.apache.kafka.common.errors.TimeoutException
                                    || cause.getMessage() == null
                            ? "no answer within " + KafkaTopics.TIMEOUT_SECONDS + " s"
                            : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting for Kafka at " + settings.bootstrap());
        }
    }

    /** Where the partitions that the job reads end. */
    public Map<TopicPartition, Long> ends() {
        Map<TopicPartition, Long> ends = new HashMap<>();
        ranges.forEach((partition, range) -> ends.put(partition, range.end()));
        return ends;
    }

    /** Up to where the job's last complete checkpoint has read, by partition; nothing if there was none. */
    public Map<TopicPartition, Long> read() {
        return read;
    }

    /** The topics that the job reads, but for that of replays and Debezium's own. */
    public Set<String> topics() {
        return ranges.keySet().stream()
                .map(TopicPartition::topic)
                .filter(name ->
                        !name.equals(settings.replays()) && !name.startsWith("__") && !name.endsWith(".transaction"))
                .collect(Collectors.toSet());
    }

    /**
     * Refuses to wait for topics that are not there: a job that ends at what they hold now would never end.
     *
     * @throws ConfigException if no topic matches
     */
    public void checkTopics() {
        Pattern topics = Pattern.compile(settings.topics());
        if (ranges.keySet().stream()
                .noneMatch(partition -> topics.matcher(partition.topic()).matches())) {
            throw new ConfigException("'source.topics' matches no topic at " + settings.bootstrap() + ", got '"
                    + settings.topics() + "'");
        }
    }

    /** The partitions that end before what the job has read, in a line each. */
    public List<String> shorter() {
        List<String> lines = new ArrayList<>();
        read.forEach((partition, next) -> {
            KafkaTopics.Range range = ranges.get(partition);
            if (range != null && range.end() < next) {
                lines.add(
                        "%s ends at offset %d, and the job has read below %d: Kafka has an older copy, or another topic of the same name"
                                .formatted(partition, range.end(), next));
            }
        });
        return lines;
    }

    /**
     * The partitions of which records were deleted that the job has not read, in a line each. Of one without records nothing is said where
     * it may have been the end of a transaction, which nobody reads.
     */
    public List<String> deleted() {
        List<String> lines = new ArrayList<>();
        read.forEach((partition, next) -> {
            KafkaTopics.Range range = ranges.get(partition);
            if (range != null && range.beginning() > next + 1) {
                lines.add(
                        "%,d records of %s, at most, were deleted before the job read them: it has read below offset %d, and the topic begins at %d"
                                .formatted(range.beginning() - next, partition, next, range.beginning()));
            }
        });
        return lines;
    }

    /** Whether the job has come at least as far as a sink. */
    public boolean isPast(Map<SourcePartition, Long> next) {
        return next.entrySet().stream().allMatch(each -> read.getOrDefault(of(each.getKey()), 0L) >= each.getValue());
    }

    /**
     * How many records, at most, lie between what a sink has and the ends of the topics.
     *
     * @param next offsets, by partition
     */
    public long behind(Map<SourcePartition, Long> next) {
        long records = 0;
        for (Map.Entry<SourcePartition, Long> each : next.entrySet()) {
            KafkaTopics.Range range = ranges.get(of(each.getKey()));
            records += range == null ? 0 : Math.max(0, range.end() - each.getValue());
        }
        return records;
    }

    private static TopicPartition of(SourcePartition partition) {
        return new TopicPartition(partition.topic(), partition.partition());
    }

    /**
     * What of a sink is of other topics than there are.
     *
     * @param what has the tables: "the lake's table"
     * @param reached how far each table comes
     */
    public List<String> others(String what, Map<String, Reached> reached) {
        List<String> lines = new ArrayList<>();
        reached.forEach((table, has) -> {
            has.topicIds().forEach((topic, known) -> {
                String id = topicIds.getOrDefault(topic, "");
                if (Gap.isOther(known, id)) {
                    lines.add(
                            "%s %s has rows of an earlier topic %s, which was deleted and made anew (its id was %s, and is %s): its changes would be taken for known"
                                    .formatted(what, table, topic, known, id));
                }
            });
            has.next().forEach((partition, next) -> {
                KafkaTopics.Range range = ranges.get(of(partition));
                if (range != null && range.end() < next) {
                    lines.add(("%s %s has all below offset %d of %s, but the topic ends at %d: it is another topic of"
                                    + " the same name, and its changes would be taken for known")
                            .formatted(what, table, next, of(partition), range.end()));
                }
            });
        });
        return lines;
    }

    /**
     * Refuses a gap between what a sink has and what the topics still hold.
     *
     * @param what has the tables: "the lake's table"
     * @param reached how far each table comes
     * @throws UnreachableException if there is one
     */
    public void checkReach(String what, Map<String, Reached> reached) {
        for (String line : others(what, reached)) {
            throw new UnreachableException(line + ". Move the table away");
        }
        reached.forEach((table, has) -> has.next().forEach((partition, next) -> {
            KafkaTopics.Range range = ranges.get(of(partition));
            if (range != null && range.beginning() > next) {
                throw new UnreachableException(
                        ("%s %s ends before offset %d of %s, but the topic now begins at %d: what lies between"
                                        + " is lost. Restore a savepoint, or move the table away and let a new snapshot fill it")
                                .formatted(what, table, next, of(partition), range.beginning()));
            }
        }));
    }
}
