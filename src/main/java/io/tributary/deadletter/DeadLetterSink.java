package io.tributary.deadletter;

import io.tributary.change.Change;
import io.tributary.flow.ConfigException;
import java.util.Properties;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaSink;

/** Writes dead letters to a topic; what was written since the last checkpoint may come again. */
public final class DeadLetterSink {
    private static final String MAX_REQUEST_SIZE = "max.request.size";
    /** A producer's default, which a broker's default just takes. */
    private static final int DEFAULT_REQUEST_SIZE = 1 << 20;

    private DeadLetterSink() {}

    /** @param properties for the producer, {@code bootstrap.servers} included */
    public static KafkaSink<Change> of(String topic, Properties properties) {
        return KafkaSink.<Change>builder()
                .setKafkaProducerConfig(properties)
                .setBootstrapServers(properties.getProperty("bootstrap.servers"))
                .setDeliveryGuarantee(DeliveryGuarantee.AT_LEAST_ONCE)
                .setRecordSerializer(new DeadLetterSerializer(topic, largestRecord(properties)))
                .build();
    }

    /** Bytes of the largest record that the producer takes. */
    static int largestRecord(Properties properties) {
        String size = properties.getProperty(MAX_REQUEST_SIZE, String.valueOf(DEFAULT_REQUEST_SIZE));
        try {
            return Integer.parseInt(size);
        } catch (NumberFormatException e) {
            throw new ConfigException("'sinks.dead-letters.properties." + MAX_REQUEST_SIZE
                    + "' must be a whole number, got '" + size + "'");
        }
    }
}
