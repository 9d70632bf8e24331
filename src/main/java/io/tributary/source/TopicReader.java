package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** Reads what topics hold now, partition by partition. */
public final class TopicReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    /** How long a partition may send nothing although its end is not reached. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final Duration PROGRESS = Duration.ofSeconds(2);

    private final String bootstrap;
    private final Properties properties;
    private final Consumer<String> progress;

    /**
     * @param properties for the Kafka client
     * @param progress is told, now and then, how far it is, in a line
     */
    public TopicReader(String bootstrap, Map<String, String> properties, Consumer<String> progress) {
        this.bootstrap = bootstrap;
        this.properties = new Properties();
        this.properties.putAll(properties);
        this.properties.setProperty("bootstrap.servers", bootstrap);
        this.properties.setProperty("isolation.level", "read_committed");
        this.properties.setProperty("enable.auto.commit", "false");
        this.properties.setProperty("auto.offset.reset", "none"); // to go on elsewhere would leave records out
        this.properties.setProperty("default.api.timeout.ms", String.valueOf(TIMEOUT.toMillis()));
        this.properties.setProperty("request.timeout.ms", String.valueOf(TIMEOUT.toMillis() / 2));
        this.progress = progress;
    }

    /** What is done with a consumer. */
    private interface Reading<T> {
        T with(KafkaConsumer<byte[], byte[]> consumer) throws IOException;
    }

    private <T> T reading(Reading<T> reading) throws IOException {
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            return reading.with(consumer);
        } catch (KafkaException e) {
            throw new UnreachableException("cannot read from Kafka at " + bootstrap + ": "
                    + (e instanceof TimeoutException || e.getMessage() == null
                            ? "no answer within " + TIMEOUT.toSeconds() + " s"
                            : e.getMessage()));
        }
    }

    /**
     * Gives the committed records between the topics' beginnings and what are their ends now.
     *
     * @param limit of records
     * @return how many there were
     * @throws ConfigException if no topic matches
     * @throws UnreachableException if no broker answers
     */
    public long read(Pattern topics, long limit, RecordConsumer each) throws IOException {
        return reading(consumer -> {
            List<TopicPartition> partitions = partitions(consumer, topics);
            if (partitions.isEmpty()) {
                throw new ConfigException("no topic at " + bootstrap + " matches " + topics);
            }
            return read(consumer, partitions, limit, each);
        });
    }

    /** The same of one topic, which may not be there. */
    void readIfThere(String topic, RecordConsumer each) throws IOException {
        reading(consumer ->
                read(consumer, partitions(consumer, Pattern.compile(Pattern.quote(topic))), Long.MAX_VALUE, each));
    }

    /**
     * Gives a partition's records from an offset on, to what is its end now.
     *
     * @return that end; -1 if the partition begins behind the offset
     */
    public long readFrom(String topic, int partition, long offset, RecordConsumer each) throws IOException {
        TopicPartition of = new TopicPartition(topic, partition);
        return reading(consumer -> {
            long end = consumer.endOffsets(List.of(of)).getOrDefault(of, 0L);
            if (consumer.beginningOffsets(List.of(of)).getOrDefault(of, 0L) > offset) {
                return -1L;
            }
            consumer.assign(List.of(of));
            consumer.seek(of, offset);
            read(consumer, of, end, Long.MAX_VALUE, each);
            return end;
        });
    }

    /** The record at a place; null where there is none any more. */
    public @Nullable RawRecord fetch(String topic, int partition, long offset) throws IOException {
        TopicPartition of = new TopicPartition(topic, partition);
        List<RawRecord> found = new ArrayList<>();
        reading(consumer -> {
            boolean isThere = consumer.listTopics().getOrDefault(topic, List.of()).stream()
                    .anyMatch(info -> info.partition() == partition);
            if (!isThere
                    || consumer.beginningOffsets(List.of(of)).getOrDefault(of, 0L) > offset
                    || consumer.endOffsets(List.of(of)).getOrDefault(of, 0L) <= offset) {
                return 0L;
            }
            consumer.assign(List.of(of));
            consumer.seek(of, offset);
            return read(consumer, of, offset + 1, 1, record -> {
                List<RawRecord.Header> headers = new ArrayList<>();
                record.headers.forEach(headers::add);
                found.add(new RawRecord()
                        .set(topic, partition, record.offset, record.timestamp, record.key, record.value));
                found.get(0).headers = headers::iterator;
            });
        });
        return found.isEmpty() ? null : found.get(0);
    }

    private static List<TopicPartition> partitions(KafkaConsumer<byte[], byte[]> consumer, Pattern topics) {
        return consumer.listTopics().values().stream()
                .flatMap(List::stream)
                .filter(info -> topics.matcher(info.topic()).matches())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .sorted(Comparator.comparing(TopicPartition::topic).thenComparing(TopicPartition::partition))
                .toList();
    }

    private long read(
            KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions, long limit, RecordConsumer each)
            throws IOException {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long count = 0;
        for (TopicPartition partition : partitions) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            count += read(consumer, partition, ends.getOrDefault(partition, 0L), limit - count, each);
        }
        return count;
    }

    /** From where the consumer is. */
    private long read(
            KafkaConsumer<byte[], byte[]> consumer, TopicPartition partition, long end, long limit, RecordConsumer each)
            throws IOException {
        RawRecord record = new RawRecord();
        KafkaHeaders headers = new KafkaHeaders();
        long count = 0;
        long position = consumer.position(partition);
        long moved = System.nanoTime();
        long told = moved;
        while (position < end && count < limit) {
            for (ConsumerRecord<byte[], byte[]> kafka : consumer.poll(Duration.ofMillis(200))) {
                if (kafka.offset() < end && count < limit) {
                    record.set(
                            kafka.topic(),
                            kafka.partition(),
                            kafka.offset(),
                            kafka.timestamp(),
                            kafka.key(),
                            kafka.value());
                    record.headers = headers.of(kafka.headers());
                    each.accept(record);
                    count++;
                }
            }
            // what is no record is passed too: the ends of transactions, and those that were rolled back
            long reached = consumer.position(partition);
            long now = System.nanoTime();
            moved = reached > position ? now : moved;
            position = reached;
            if (now - moved > PATIENCE.toNanos()) {
                throw new UnreachableException("Kafka at %s has sent nothing of %s for %d s, at offset %d of %d"
                        .formatted(bootstrap, partition, PATIENCE.toSeconds(), position, end));
            }
            if (now - told > PROGRESS.toNanos()) {
                told = now;
                progress.accept("%s at %,d of %,d".formatted(partition, position, end));
            }
        }
        if (count > 0) {
            progress.accept("%s: %,d records".formatted(partition, count));
        }
        return count;
    }
}
