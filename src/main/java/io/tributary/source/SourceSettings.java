package io.tributary.source;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.change.Secret;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where records come from, as the pipeline file has it: Kafka, or a recorded file.
 *
 * @param topics a pattern of topic names
 * @param properties for the Kafka client, as they are
 * @param file a path or a pattern of paths of recorded events
 * @param unavailableValue the connector's {@code unavailable.value.placeholder}, where it is not the usual one
 * @param replays the topic of dead letters that are offered again
 */
public record SourceSettings(
        @Nullable String bootstrap,
        @Nullable String topics,
        @Nullable String group,
        @Nullable Map<String, Secret> properties,
        @Nullable String file,
        @JsonProperty("unavailable-value") @Nullable String unavailableValue,
        @Nullable String replays,
        @JsonProperty("same-tables") @Nullable SameTables sameTables,
        @JsonProperty("on-gap") @Nullable OnGap onGap) {

    /** What becomes of topics of different servers or databases whose tables have one name. */
    public enum SameTables {
        REFUSE,
        MERGE
    }

    /** What the job does where Kafka has deleted records before it has read them. */
    public enum OnGap {
        FAIL,
        CONTINUE
    }

    /** Whether tables of one name are one, whatever their servers and databases are. */
    public boolean merges() {
        return sameTables == SameTables.MERGE;
    }

    /** Kafka, with what the file leaves out. */
    public KafkaSettings kafka(String pipeline, Secret secret) {
        String consumer = group == null ? "tributary-" + pipeline : group;
        return new KafkaSettings(
                String.valueOf(bootstrap),
                String.valueOf(topics),
                consumer,
                Secret.values(properties),
                replays == null ? consumer + ".replays" : replays,
                onGap == OnGap.CONTINUE,
                secret);
    }
}
