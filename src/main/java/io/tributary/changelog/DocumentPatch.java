package io.tributary.changelog;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;

/**
 * Applies MongoDB's {@code updateDescription} to the document before it.
 *
 * @see <a href="https://www.mongodb.com/docs/manual/reference/change-events/update/">update events</a>
 */
final class DocumentPatch {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private DocumentPatch() {}

    /** @throws IllegalArgumentException if it cannot be applied: the text says why */
    static String apply(String document, String updateDescription) {
        try {
            JsonNode patch = JSON.readTree(updateDescription);
            if (!(JSON.readTree(document) instanceof ObjectNode root)) {
                throw new IllegalArgumentException("the document before is no object");
            }
            JsonNode truncated = patch.path("truncatedArrays");
            for (JsonNode array : truncated) {
                truncate(
                        root,
                        array.path("field").asText(),
                        array.path("size").asInt(array.path("newSize").asInt()));
            }
            JsonNode updated = patch.path("updatedFields");
            JsonNode fields = updated.isTextual() ? JSON.readTree(updated.textValue()) : updated;
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                set(root, field.getKey(), field.getValue());
            }
            for (JsonNode field : patch.path("removedFields")) {
                remove(root, field.asText());
            }
            return JSON.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the document or its update is no JSON", e);
        }
    }

    private static void truncate(ObjectNode root, String path, int size) {
        JsonNode node = root.has(path) ? root.get(path) : root.at("/" + path.replace('.', '/'));
        if (node instanceof ArrayNode array) {
            while (array.size() > size) {
                array.remove(array.size() - 1);
            }
        }
    }

    private static void set(ObjectNode root, String path, JsonNode value) {
        String[] steps = path.split("\\.");
        JsonNode parent = parentOf(root, steps, true);
        String last = steps[steps.length - 1];
        if (parent instanceof ArrayNode array && last.chars().allMatch(Character::isDigit)) {
            int index = Integer.parseInt(last);
            while (array.size() <= index) {
                array.addNull();
            }
            array.set(index, value);
        } else if (parent instanceof ObjectNode object) {
            object.set(last, value);
        }
    }

    private static void remove(ObjectNode root, String path) {
        String[] steps = path.split("\\.");
        if (parentOf(root, steps, false) instanceof ObjectNode object) {
            object.remove(steps[steps.length - 1]);
        }
    }

    private static JsonNode parentOf(ObjectNode root, String[] steps, boolean make) {
        JsonNode node = root;
        for (int i = 0; i < steps.length - 1; i++) {
            JsonNode next = node instanceof ArrayNode array && steps[i].chars().allMatch(Character::isDigit)
                    ? array.path(Integer.parseInt(steps[i]))
                    : node.path(steps[i]);
            if (!next.isContainerNode() && make && node instanceof ObjectNode object) {
                next = object.putObject(steps[i]);
            }
            node = next;
        }
        return node;
    }
}
