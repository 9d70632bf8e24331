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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Applies MongoDB's {@code updateDescription} to the document before it.
 *
 * @see <a href="https://www.mongodb.com/docs/manual/reference/change-events/update/">update events</a>
 */
final class DocumentPatch {
    private static final ObjectMapper DOUBLES = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .build();
    private static final ObjectMapper DIGITS = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();
    /** Of which only a double knows the sign; BSON has no other numbers with a point. */
    private static final Pattern MINUS_ZERO = Pattern.compile("[:,\\[]\\s*-0(\\.0+)?([eE][+-]?[0-9]+)?\\s*[,}\\]]");

    /** MongoDB fills up arrays with no more than so many. */
    private static final int MOST_ELEMENTS = 1_500_000;

    /** MongoDB's documents are 100 deep at most. */
    private static final int MOST_STEPS = 1000;

    private DocumentPatch() {}

    /** @throws IllegalArgumentException if it cannot be applied: the text says why */
    static String apply(String document, String updateDescription) {
        ObjectMapper json = MINUS_ZERO.matcher(document).find()
                        || MINUS_ZERO.matcher(updateDescription).find()
                ? DOUBLES
                : DIGITS;
        try {
            JsonNode patch = json.readTree(updateDescription);
            if (!(json.readTree(document) instanceof ObjectNode root)) {
                throw new IllegalArgumentException("the document before is no object");
            }
            JsonNode truncated = patch.path("truncatedArrays");
            for (JsonNode array : truncated) {
                truncate(root, path(array.path("field").asText()), size(array));
            }
            JsonNode updated = patch.path("updatedFields");
            JsonNode fields = updated.isTextual() ? json.readTree(updated.textValue()) : updated;
            for (Map.Entry<String, JsonNode> field : fields.properties()) {
                set(root, path(field.getKey()), field.getValue());
            }
            for (JsonNode field : patch.path("removedFields")) {
                remove(root, path(field.asText()));
            }
            return json.writeValueAsString(root);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("the document or its update is no JSON", e);
        }
    }

    /** Each dot may be of a name, and each way is tried. */
    private static String path(String path) {
        if (path.chars().filter(c -> c == '.').count() > MOST_STEPS) {
            throw new IllegalArgumentException("a path has more than " + MOST_STEPS + " steps");
        }
        return path;
    }

    private static int size(JsonNode truncated) {
        JsonNode size = truncated.has("size") ? truncated.path("size") : truncated.path("newSize");
        if (!size.isIntegralNumber() || !size.canConvertToInt() || size.intValue() < 0) {
            throw new IllegalArgumentException("an array is cut to " + size + " elements");
        }
        return size.intValue();
    }

    private static void truncate(ObjectNode root, String path, int size) {
        if (find(root, path) instanceof ArrayNode array) {
            while (array.size() > size) {
                array.remove(array.size() - 1);
            }
        }
    }

    /** What a path leads to, or null; names may have dots of their own. */
    private static @Nullable JsonNode find(JsonNode node, String path) {
        if (node instanceof ArrayNode array) {
            int dot = path.indexOf('.');
            String index = dot < 0 ? path : path.substring(0, dot);
            JsonNode element = isIndex(index) ? array.get(Integer.parseInt(index)) : null;
            return element == null || dot < 0 ? element : find(element, path.substring(dot + 1));
        }
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            JsonNode child = node.get(path.substring(0, dot));
            JsonNode found = child == null ? null : find(child, path.substring(dot + 1));
            if (found != null) {
                return found;
            }
        }
        return node.get(path);
    }

    private static boolean isIndex(String step) {
        return !step.isEmpty() && step.length() < 10 && step.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    /** The steps to a path's parent, and the last one: those of a path that is there, also if its names have dots; else one a dot. */
    private static String[] steps(JsonNode node, String path) {
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            String step = path.substring(0, dot);
            JsonNode child = node instanceof ArrayNode array
                    ? isIndex(step) ? array.get(Integer.parseInt(step)) : null
                    : node.get(step);
            if (child != null && child.isContainerNode()) {
                String[] rest = steps(child, path.substring(dot + 1));
                String[] all = new String[rest.length + 1];
                all[0] = step;
                System.arraycopy(rest, 0, all, 1, rest.length);
                return all;
            }
        }
        return node.has(path) ? new String[] {path} : path.split("\\.", -1);
    }

    private static void set(ObjectNode root, String path, JsonNode value) {
        String[] steps = steps(root, path);
        JsonNode parent = parentOf(root, steps, true);
        String last = steps[steps.length - 1];
        if (parent instanceof ArrayNode array && isIndex(last)) {
            int index = Integer.parseInt(last);
            if (index > MOST_ELEMENTS) {
                throw new IllegalArgumentException("an array's element " + index + " is set");
            }
            while (array.size() <= index) {
                array.addNull();
            }
            array.set(index, value);
        } else if (parent instanceof ObjectNode object) {
            object.set(last, value);
        }
    }

    private static void remove(ObjectNode root, String path) {
        String[] steps = steps(root, path);
        if (parentOf(root, steps, false) instanceof ObjectNode object) {
            object.remove(steps[steps.length - 1]);
        }
    }

    private static JsonNode parentOf(ObjectNode root, String[] steps, boolean make) {
        JsonNode node = root;
        for (int i = 0; i < steps.length - 1; i++) {
            JsonNode next = node instanceof ArrayNode array && isIndex(steps[i])
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
