package io.tributary.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the newest records of a topic are like. */
final class TopicSample {
    /** What a connector sends for an unchanged value that it does not know, unless it is configured otherwise. */
    static final String PLACEHOLDER = "__debezium_unavailable_value";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DECIMAL = "org.apache.kafka.connect.data.Decimal";
    private static final String VARIABLE_DECIMAL = "io.debezium.data.VariableScaleDecimal";

    private final String topic;
    private int records;
    private int tombstones;
    private int envelopes;
    private int flat;
    private int markers;
    private int unreadable;
    private int registered;
    private int keyless;
    private int withSchema;
    private int withSource;
    private int placeholders;
    private final Set<String> decimals = new TreeSet<>();
    private final Set<String> keyColumns = new LinkedHashSet<>();
    private final Set<String> columns = new LinkedHashSet<>();
    private final Map<String, Set<String>> byTable = new HashMap<>();
    private @Nullable String table;

    TopicSample(String topic) {
        this.topic = topic;
    }

    void add(byte @Nullable [] key, byte @Nullable [] value) {
        records++;
        key(key);
        if (value == null) {
            tombstones++;
            return;
        }
        if (value.length > 0 && value[0] == 0) {
            registered++; // the magic byte of a schema registry's formats
            return;
        }
        JsonNode whole;
        try {
            whole = JSON.readTree(value);
        } catch (IOException e) {
            unreadable++;
            return;
        }
        boolean block = whole.has("schema") && whole.has("payload");
        withSchema += block ? 1 : 0;
        if (block) {
            decimals(whole.get("schema"));
        }
        JsonNode payload = block ? whole.get("payload") : whole;
        if (!payload.isObject()) {
            unreadable++;
            return;
        }
        placeholders += payload.toString().contains(PLACEHOLDER) ? 1 : 0;
        if (payload.has("event_count") && payload.has("status")) {
            markers++;
            return;
        }
        if (!payload.has("op")) {
            flat++;
            columns(payload);
            return;
        }
        envelopes++;
        JsonNode source = payload.path("source");
        if (source.isObject()) {
            withSource++;
            String schema = source.path("schema").asText(source.path("db").asText(""));
            table = (schema.isEmpty() ? "" : schema + ".")
                    + source.path("table").asText();
        }
        columns(payload.path("after").isObject() ? payload.path("after") : payload.path("before"));
    }

    private void key(byte @Nullable [] key) {
        if (key == null) {
            keyless++;
            return;
        }
        try {
            JsonNode whole = JSON.readTree(key);
            JsonNode payload = whole.has("payload") ? whole.get("payload") : whole;
            payload.fieldNames().forEachRemaining(keyColumns::add);
        } catch (IOException e) {
            keyless++;
        }
    }

    private void columns(JsonNode row) {
        Set<String> own = byTable.computeIfAbsent(table(), name -> new LinkedHashSet<>());
        row.fieldNames().forEachRemaining(name -> {
            columns.add(name);
            own.add(name);
        });
    }

    /** A topic may have several tables. */
    Map<String, Set<String>> columnsByTable() {
        return byTable;
    }

    private void decimals(JsonNode schema) {
        String name = schema.path("name").asText();
        if (name.equals(DECIMAL)) {
            decimals.add("precise");
        } else if (name.equals(VARIABLE_DECIMAL)) {
            decimals.add("precise, of any scale");
        }
        schema.path("fields").forEach(this::decimals);
    }

    String topic() {
        return topic;
    }

    /** As the pipeline names it: by the events, or by the topic's name. */
    String table() {
        if (table != null) {
            return table;
        }
        int last = topic.lastIndexOf('.');
        int before = topic.lastIndexOf('.', last - 1);
        return last < 0 ? "kafka." + topic : topic.substring(before + 1);
    }

    boolean isOfChanges() {
        return envelopes + flat > 0;
    }

    boolean hasKey() {
        return !keyColumns.isEmpty();
    }

    boolean hasSchema() {
        return withSchema > 0;
    }

    Set<String> columns() {
        return columns;
    }

    /** In a line. */
    String words() {
        List<String> words = new ArrayList<>();
        if (envelopes > 0) {
            words.add((withSource > 0 ? "envelopes" : "envelopes without source")
                    + (withSchema > 0 ? " with schema" : " without schema"));
        }
        if (flat > 0) {
            words.add("flat rows" + (withSchema > 0 ? " with schema" : " without schema"));
        }
        words.add(keyColumns.isEmpty() ? "no key" : "key " + String.join(", ", keyColumns));
        if (!decimals.isEmpty()) {
            words.add("decimals " + String.join(" and ", decimals));
        }
        if (tombstones > 0) {
            words.add(tombstones + " tombstones");
        }
        if (placeholders > 0) {
            words.add(placeholders + " with values that were not sent (TOAST)");
        }
        return "%,d records looked at: %s".formatted(records, String.join("; ", words));
    }

    void look(Findings to) {
        if (records == 0) {
            to.warning("topic " + topic + " has no record", "if its table has changed: check --component debezium");
            return;
        }
        if (!isOfChanges() && unreadable + registered == 0) {
            to.ok("topic " + topic + (markers > 0 ? ": the transactions' beginnings and ends" : ": tombstones only"));
            return;
        }
        if (registered > 0) {
            to.wrong(
                    "topic " + topic + ": " + registered + " records are of a schema registry (Avro or Protobuf)",
                    "set the connector's converters to org.apache.kafka.connect.json.JsonConverter");
        }
        if (unreadable > 0) {
            to.wrong(
                    "topic " + topic + ": " + unreadable + " of " + records + " records are no JSON object",
                    "they become dead letters; see who writes to the topic beside the connector");
        }
        if (isOfChanges()) {
            to.ok("topic " + topic + ": " + words());
        }
        if (isOfChanges() && keyless == records) {
            to.warning(
                    "topic " + topic + " has no keys: its table is counted as a bag of rows",
                    "if it has a key after all: tables." + table() + ".key in the pipeline file");
        }
        if (isOfChanges() && withSchema == 0) {
            to.warning(
                    "topic " + topic + " has no schema: types are guessed from values, and decimals stay text",
                    "tables." + table() + ".types in the pipeline file, or value.converter.schemas.enable=true");
        }
    }
}
