package io.tributary.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.ValidationMessage;
import io.tributary.change.Secret;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** Checks a pipeline against {@code pipeline.schema.json} and says the first thing wrong in one line. */
final class SchemaCheck {
    private SchemaCheck() {}

    static void check(JsonNode root) {
        for (ValidationMessage message : PipelineSchema.load().validate(root)) {
            throw new ConfigException(describe(message, root));
        }
    }

    private static String describe(ValidationMessage message, JsonNode root) {
        String path = setting(message);
        JsonNode node = message.getInstanceNode() == null ? root : message.getInstanceNode();
        JsonNode wanted = message.getSchemaNode();
        String got = isSecret(message) ? Secret.SHOWN : shown(node);
        return switch (message.getType()) {
            case "additionalProperties" -> unknown(path, message);
            case "required" -> "'" + join(path, message.getProperty()) + "' must be set";
            case "type" ->
                "'" + path + "' must be " + article(wanted) + (isSecret(message) ? ", in quotes" : "") + ", got " + got;
            case "enum" -> "'" + path + "' must be one of " + listed(wanted) + ", got " + got;
            case "minimum" -> "'" + path + "' must be at least " + wanted.asText() + ", got " + got;
            case "maximum" -> "'" + path + "' must be at most " + wanted.asText() + ", got " + got;
            case "minLength", "minItems" ->
                "'" + path + "' must "
                        + (wanted.asInt() == 1
                                ? "not be empty"
                                : "have at least " + wanted
                                        + (message.getType().equals("minItems") ? " members" : " characters"));
            case "propertyNames" ->
                "a name in '" + path + "' must match " + wanted.path("pattern").asText() + ", got '"
                        + message.getProperty() + "'";
            case "pattern" -> "'" + path + "' must " + matching(wanted.asText()) + ", got " + got;
            default -> "'" + path + "': " + (isSecret(message) ? message.getType() : message.getMessage());
        };
    }

    private static String setting(ValidationMessage message) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i < message.getInstanceLocation().getNameCount(); i++) {
            Object name = message.getInstanceLocation().getElement(i);
            path.append(path.isEmpty() ? "" : ".").append(name);
        }
        return path.toString();
    }

    /** Whether the value may not be shown. */
    private static boolean isSecret(ValidationMessage message) {
        PipelineSchema schema = PipelineSchema.root();
        boolean isSecret = false;
        for (int i = 0; i < message.getInstanceLocation().getNameCount(); i++) {
            Object name = message.getInstanceLocation().getElement(i);
            schema = name instanceof Integer ? schema.ofMembers() : schema.of(String.valueOf(name));
            isSecret |= schema.isSecret();
        }
        return isSecret;
    }

    private static String join(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String unknown(String path, ValidationMessage message) {
        String name = message.getProperty();
        JsonNode siblings = message.getSchemaNode() == null ? null : siblings(message);
        List<String> known = new ArrayList<>();
        if (siblings != null) {
            siblings.fieldNames().forEachRemaining(known::add);
        }
        String nearest = Nearest.of(name, known);
        return "'" + join(path, name) + "' is no setting; "
                + (nearest.isEmpty()
                        ? "there are " + String.join(", ", known)
                        : "did you mean '" + join(path, nearest) + "'?");
    }

    /** The properties of the object whose additional ones are refused. */
    private static JsonNode siblings(ValidationMessage message) {
        JsonNode node = PipelineSchema.load().getSchemaNode();
        for (int i = 0; i < message.getSchemaLocation().getFragment().getNameCount() - 1; i++) {
            node = node.path(
                    String.valueOf(message.getSchemaLocation().getFragment().getElement(i)));
        }
        return node.path("properties");
    }

    /** Of {@code ^(a|b)$} the words. */
    private static String matching(String pattern) {
        return pattern.matches("\\^\\([a-z|]+\\)\\$")
                ? "be one of " + pattern.substring(2, pattern.length() - 2).replace("|", ", ")
                : "match " + pattern;
    }

    private static String article(JsonNode types) {
        return types.isArray()
                ? StreamSupport.stream(types.spliterator(), false)
                        .map(type -> article(type.asText()))
                        .collect(Collectors.joining(" or "))
                : article(types.asText());
    }

    private static String article(String type) {
        return switch (type) {
            case "object" -> "a mapping";
            case "array" -> "a list";
            case "integer" -> "a whole number";
            case "number" -> "a number";
            case "boolean" -> "true or false";
            case "string" -> "text";
            default -> type;
        };
    }

    private static String listed(JsonNode values) {
        return StreamSupport.stream(values.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }

    private static String shown(JsonNode node) {
        return node.isTextual() ? "'" + node.textValue() + "'" : node.toString();
    }
}
