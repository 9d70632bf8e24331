package io.tributary.sink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.flow.ConfigException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the pipeline file says to a sink.
 *
 * @param own its settings
 * @param tables all settings of each table, those of others included
 * @param aggregates the same of aggregates
 * @param source where the changes come from
 */
public record SinkFile(JsonNode own, Map<String, JsonNode> tables, Map<String, JsonNode> aggregates, Source source) {
    /** A setting that is not the reader's is another's: the schema has refused those that are nobody's. */
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    /**
     * Where the changes come from.
     *
     * @param topics a pattern; null where a recorded file is read
     * @param kafka what the source's Kafka client is set to, {@code bootstrap.servers} included; nothing where a recorded file is read
     * @param replays the topic of dead letters that are offered again; it has the partition 0 alone
     */
    public record Source(@Nullable String topics, Map<String, String> kafka, String replays) {
        // never printed: what the client is set to
        @Override
        public String toString() {
            return "Source[" + topics + "]";
        }
    }

    /** Its settings, as a record of theirs. */
    public <T> T settings(Class<T> type) {
        return bind(own, type);
    }

    /** The settings of each table that the type has. */
    public <T> Map<String, T> tables(Class<T> type) {
        return bind(tables, type);
    }

    /** The settings of each aggregate that the type has. */
    public <T> Map<String, T> aggregates(Class<T> type) {
        return bind(aggregates, type);
    }

    private static <T> Map<String, T> bind(Map<String, JsonNode> nodes, Class<T> type) {
        Map<String, T> bound = new LinkedHashMap<>();
        nodes.forEach((name, node) -> bound.put(name, bind(node, type)));
        return bound;
    }

    private static <T> T bind(JsonNode node, Class<T> type) {
        try {
            return JSON.treeToValue(node, type);
        } catch (JsonProcessingException e) {
            throw new ConfigException(e.getOriginalMessage());
        }
    }

    // never printed: some of it is secret
    @Override
    public String toString() {
        return "SinkFile" + tables.keySet();
    }
}
