package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.change.Secret;
import io.tributary.flow.StreamType;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * Hands records on as they are, tombstones included; but for those that were repaired before this job started: where the lake has not
 * come to their old place, or has them, they come there as they are now. Those are held in memory: as many as were ever offered
 * again with bytes of their own.
 */
final class RawDeserializer implements KafkaRecordDeserializationSchema<RawRecord> {
    // Flink closes a cancelled job's class loader while the enumerator still closes its Kafka client: a class that is
    // first needed there would be missing, and the client's connections stay open.
    static {
        try {
            Class.forName("org.apache.kafka.common.network.Selector$CloseMode");
        } catch (ClassNotFoundException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Secret secret;
    private final String replays;
    private final String bootstrap;
    private final HashMap<String, String> properties;
    private final HashMap<TopicPartition, Long> ends;
    private final Positions positions;

    private transient RawRecord record;
    private transient KafkaHeaders headers;
    private transient TopicReader reader;
    private transient Map<TopicPartition, Map<Long, RawRecord>> repaired;

    /**
     * Made for a job.
     *
     * @param replays the topic of what is offered again
     * @param secret that signs what is offered again
     * @param ends the next offset of each partition that the lake has
     * @param positions is told each record
     */
    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    RawDeserializer(
            String replays,
            String bootstrap,
            Map<String, String> properties,
            Map<TopicPartition, Long> ends,
            Secret secret,
            Positions positions) {
        this.secret = secret;
        this.positions = positions;
        this.replays = replays;
        this.bootstrap = bootstrap;
        this.properties = new HashMap<>(properties);
        this.ends = new HashMap<>(ends);
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) throws IOException {
        record = new RawRecord();
        headers = new KafkaHeaders();
        reader = new TopicReader(bootstrap, properties, progress -> {});
        repaired = new HashMap<>();
        reader.readIfThere(replays, offered -> {
            RawRecord repair = Replays.isReadAgain(offered) ? null : Replays.open(offered, reader, secret);
            if (repair == null || repair.replay < 0 || repair.shows != null) {
                return;
            }
            TopicPartition partition = new TopicPartition(repair.topic, repair.partition);
            boolean isToCome = repair.offset >= ends.getOrDefault(partition, 0L);
            if (isToCome || repair.replay < ends.getOrDefault(new TopicPartition(replays, 0), 0L)) {
                repair.replay = -1;
                repaired.computeIfAbsent(partition, p -> new HashMap<>()).put(repair.offset, repair);
            }
        });
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> kafka, Collector<RawRecord> out) throws IOException {
        if (!positions.isNew(kafka, record)) {
            return;
        }
        if (!repaired.isEmpty()) {
            RawRecord repair = repaired.getOrDefault(new TopicPartition(kafka.topic(), kafka.partition()), Map.of())
                    .get(kafka.offset());
            if (repair != null) {
                repair.topicId = record.topicId;
                repair.alone = record.alone;
                out.collect(repair);
                return;
            }
        }
        record.set(kafka.topic(), kafka.partition(), kafka.offset(), kafka.timestamp(), kafka.key(), kafka.value());
        record.headers = headers.of(kafka.headers());
        out.collect(kafka.topic().equals(replays) ? Replays.open(record, reader, secret) : record);
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
        return StreamType.RAW_RECORD;
    }
}
