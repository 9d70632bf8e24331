package io.tributary.explain;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.RowReader;
import io.tributary.change.Slice;
import io.tributary.change.TableSchema;
import io.tributary.change.ValueText;
import io.tributary.flow.ConfigException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A key as a user gives it: {@code 7}, {@code a=7,b=x} or a JSON object; values as PostgreSQL prints them. */
final class WantedKey {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final String text;
    private final Map<List<String>, List<String>> byNames = new HashMap<>();
    private final RowReader reader = new RowReader();

    WantedKey(String text) {
        this.text = text;
    }

    boolean matches(TableSchema schema, Slice key) {
        if (!key.isPresent()) {
            return false;
        }
        List<String> wanted = values(schema.keyNames());
        ColumnType[] types = schema.keyTypes();
        reader.open(types, key.bytes(), key.offset());
        for (int i = 0; i < types.length; i++) {
            if (!reader.next() || !ValueText.of(types[i], reader.value()).equals(wanted.get(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The values of the key's columns, in their order.
     *
     * @throws ConfigException if the text names other columns
     */
    List<String> values(List<String> names) {
        return byNames.computeIfAbsent(names, this::parse);
    }

    private List<String> parse(List<String> names) {
        if (text.startsWith("{")) {
            return ofJson(names);
        }
        if (names.size() == 1) {
            String prefix = names.get(0) + "=";
            return List.of(text.startsWith(prefix) ? text.substring(prefix.length()) : text);
        }
        List<String> values = new ArrayList<>();
        String rest = text;
        for (int i = 0; i < names.size(); i++) {
            String prefix = (i == 0 ? "" : ",") + names.get(i) + "=";
            String next = i + 1 < names.size() ? "," + names.get(i + 1) + "=" : "";
            int end = next.isEmpty() ? rest.length() : rest.indexOf(next);
            if (!rest.startsWith(prefix) || end < 0) {
                throw wrong(names);
            }
            values.add(rest.substring(prefix.length(), end));
            rest = rest.substring(end);
        }
        return values;
    }

    private List<String> ofJson(List<String> names) {
        try {
            JsonNode object = JSON.readTree(text);
            List<String> values = new ArrayList<>();
            for (String name : names) {
                JsonNode value = object.path(name);
                if (!value.isValueNode() || value.isNull() || object.size() != names.size()) {
                    throw wrong(names);
                }
                values.add(value.isBigDecimal() ? value.decimalValue().toPlainString() : value.asText());
            }
            return values;
        } catch (JsonProcessingException e) {
            throw wrong(names);
        }
    }

    private ConfigException wrong(List<String> names) {
        String example = String.join("=…,", names) + "=…";
        return new ConfigException("KEY must be '" + example + "' or a JSON object of these, got '" + text + "'");
    }
}
