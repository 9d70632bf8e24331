package io.tributary.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.tributary.flow.ConfigException;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Values that come from beside the pipeline file: {@code --set} and the environment. They are text where the schema says text, whatever they
 * look like; where it says a number or true or false, they are read as one.
 */
final class Settings {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();
    private static final Pattern PLAIN = Pattern.compile("-?(0|[1-9]\\d*)(\\.\\d+)?([eE][+-]?\\d+)?|true|false");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?}");

    private Settings() {}

    /** Sets what a dotted path names; a table's name, which has a dot, is found as one where the file has it. */
    static void set(ObjectNode root, String path, String value) {
        ObjectNode node = root;
        PipelineSchema schema = PipelineSchema.root();
        String rest = path;
        while (true) {
            String key = schema.isOfScalars() ? rest : longestKey(node, rest);
            schema = schema.of(key);
            if (key.length() == rest.length()) {
                node.set(key, given(value, schema));
                return;
            }
            rest = rest.substring(key.length() + 1);
            JsonNode child = node.get(key);
            node = child instanceof ObjectNode object ? object : node.putObject(key);
        }
    }

    private static String longestKey(ObjectNode node, String path) {
        String best = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (name.length() > best.length() && (path.equals(name) || path.startsWith(name + "."))) {
                best = name;
            }
        }
        return best;
    }

    /** Of {@code --set}: a list or a mapping is written as in the file. */
    private static JsonNode given(String value, PipelineSchema schema) {
        if (schema.takes("array") && value.strip().startsWith("[")
                || schema.takes("object")
                || schema.takesAnything() && value.strip().matches("(?s)[\\[{].*")) {
            try {
                JsonNode node = YAML.readTree(value);
                return node == null || node.isMissingNode() ? TextNode.valueOf(value) : node;
            } catch (JsonProcessingException e) {
                return TextNode.valueOf(value);
            }
        }
        return scalar(value, schema);
    }

    private static JsonNode scalar(String value, PipelineSchema schema) {
        boolean mayBePlain = !schema.takes("string")
                && (schema.takesAnything()
                        || schema.takes("integer")
                        || schema.takes("number")
                        || schema.takes("boolean"));
        try {
            return mayBePlain && PLAIN.matcher(value).matches() ? JSON.readTree(value) : TextNode.valueOf(value);
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(value);
        }
    }

    /** Puts the environment's values where the file, or what replaces it, has {@code ${NAME}} or {@code ${NAME:default}}. */
    static void resolve(ObjectNode root, Map<String, String> environment) {
        resolve(root, "", PipelineSchema.root(), environment);
    }

    private static JsonNode resolve(
            JsonNode node, String path, PipelineSchema schema, Map<String, String> environment) {
        if (node instanceof ObjectNode object) {
            object.properties()
                    .forEach(field -> field.setValue(resolve(
                            field.getValue(),
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                            schema.of(field.getKey()),
                            environment)));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, resolve(array.get(i), path + "[" + i + "]", schema.ofMembers(), environment));
            }
        } else if (node.isTextual() && node.textValue().contains("${")) {
            return scalar(resolve(node.textValue(), path, environment), schema);
        }
        return node;
    }

    private static String resolve(String text, String path, Map<String, String> environment) {
        return VARIABLE.matcher(text).replaceAll(match -> {
            String value = environment.getOrDefault(match.group(1), match.group(2));
            if (value == null) {
                throw new ConfigException(
                        "'" + path + "' needs the environment variable " + match.group(1) + ", which is not set");
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
