package io.tributary.source;

import io.tributary.change.RawRecord;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Kafka's source, whose readers look whether their partitions are still those that were read. */
final class CheckedSource
        implements Source<RawRecord, KafkaPartitionSplit, KafkaSourceEnumState>, ResultTypeQueryable<RawRecord> {
    private final KafkaSource<RawRecord> source;
    private final Positions positions;
    private final String bootstrap;
    private final HashMap<String, String> properties;
    private final boolean continues;
    private final Pattern topics;

    /**
     * Made for a job.
     *
     * @param positions that the source's deserializer has too
     * @param properties for the client that looks
     * @param continues whether to go on behind records that Kafka has deleted
     * @param topics that are read: those that were read before and are not among them wait where they are
     */
    CheckedSource(
            KafkaSource<RawRecord> source,
            Positions positions,
            String bootstrap,
            Map<String, String> properties,
            boolean continues,
            Pattern topics) {
        this.topics = topics;
        this.source = source;
        this.positions = positions;
        this.bootstrap = bootstrap;
        this.properties = new HashMap<>(properties);
        this.continues = continues;
    }

    @Override
    public Boundedness getBoundedness() {
        return source.getBoundedness();
    }

    @Override
    public SourceReader<RawRecord, KafkaPartitionSplit> createReader(SourceReaderContext context) throws Exception {
        return new CheckedReader(
                source.createReader(context),
                positions,
                () -> new KafkaTopics(bootstrap, properties),
                bootstrap,
                continues,
                topics,
                context.metricGroup());
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        return source.createEnumerator(context);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState checkpoint) throws Exception {
        return source.restoreEnumerator(context, checkpoint);
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return new PartitionSplit.Serializer(source.getSplitSerializer());
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return source.getEnumeratorCheckpointSerializer();
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
        return source.getProducedType();
    }
}
