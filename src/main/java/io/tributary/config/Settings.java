package io.tributary.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.Iterator;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values that come from beside the pipeline file: {@code --set} and the environment. */
final class Settings {
    private static final YAMLMapper YAML = new YAMLMapper();
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?}");

    private Settings() {}

    /** Sets what a dotted path names; a table's name, which has a dot, is found as one where the file has it. */
    static void set(ObjectNode root, String path, String value) {
        ObjectNode node = root;
        String rest = path;
        while (true) {
            String key = longestKey(node, rest);
            if (key.length() == rest.length()) {
                node.set(key, scalar(value));
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

    private static JsonNode scalar(String value) {
        try {
            JsonNode node = YAML.readTree(value);
            return node == null || node.isMissingNode() ? TextNode.valueOf(value) : node;
        } catch (JsonProcessingException e) {
            return TextNode.valueOf(value);
        }
    }

    /** Puts the environment's values where the file has {@code ${NAME}} or {@code ${NAME:default}}. */
    static void resolve(ObjectNode root, Map<String, String> environment) {
        resolve(root, "", environment);
    }

    private static JsonNode resolve(JsonNode node, String path, Map<String, String> environment) {
        if (node instanceof ObjectNode object) {
            object.properties()
                    .forEach(field -> field.setValue(resolve(
                            field.getValue(),
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(),
                            environment)));
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, resolve(array.get(i), path + "[" + i + "]", environment));
            }
        } else if (node.isTextual() && node.textValue().contains("${")) {
            String text = resolve(node.textValue(), path, environment);
            // a whole value may be a number or true; a part of one is text
            return VARIABLE.matcher(node.textValue()).matches() ? scalar(text) : TextNode.valueOf(text);
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
