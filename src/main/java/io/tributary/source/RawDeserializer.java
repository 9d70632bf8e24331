package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.StreamType;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Hands records on as they are, tombstones included. */
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

    private transient RawRecord record;
    private transient KafkaHeaders headers;

    @SuppressWarnings("NullAway.Init") // transient: made at first use
    RawDeserializer() {}

    @Override
    @SuppressWarnings("NullAway") // null until the first record of this instance
    public void deserialize(ConsumerRecord<byte[], byte[]> kafka, Collector<RawRecord> out) {
        if (record == null) {
            record = new RawRecord();
            headers = new KafkaHeaders();
        }
        record.set(kafka.topic(), kafka.partition(), kafka.offset(), kafka.timestamp(), kafka.key(), kafka.value());
        record.headers = headers.of(kafka.headers());
        out.collect(record);
    }

    @Override
    public TypeInformation<RawRecord> getProducedType() {
        return StreamType.RAW_RECORD;
    }
}
