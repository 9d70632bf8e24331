package io.tributary.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import io.tributary.sink.SinkProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * {@code pipeline.schema.json} with what each kind of sink takes, and the way into it beside the file's own. {@code writeOnly} are
 * those settings that are secret.
 */
final class PipelineSchema {
    private static final String RESOURCE = "/pipeline.schema.json";
    private static final String ID = "urn:tributary:pipeline";

    private final JsonNode root;
    private final JsonNode node;

    private PipelineSchema(JsonNode root, JsonNode node) {
        this.root = root;
        this.node = node.has("$ref") ? root.at(node.get("$ref").textValue().substring(1)) : node;
    }

    static JsonSchema load() {
        try (InputStream in = Objects.requireNonNull(PipelineSchema.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            JsonNode root = new JsonMapper().readTree(in);
            SinkProvider.all().forEach(sink -> add(root.path("properties"), sink));
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                    .getSchema(root);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(JsonNode root, SinkProvider sink) {
        JsonNode own = sink.schema();
        put(root.path("sinks"), sink.name(), own.path("sink"));
        own.path("table")
                .properties()
                .forEach(setting ->
                        put(root.path("tables").path("additionalProperties"), setting.getKey(), setting.getValue()));
        own.path("aggregate")
                .properties()
                .forEach(setting -> put(
                        root.path("aggregates").path("additionalProperties"), setting.getKey(), setting.getValue()));
    }

    /** Several sinks may take a setting, if they say the same of it. */
    private static void put(JsonNode object, String setting, JsonNode schema) {
        JsonNode other = ((ObjectNode) object.path("properties")).replace(setting, schema);
        if (other != null && !other.equals(schema)) {
            throw new IllegalStateException(
                    "two kinds of sinks take the setting '" + setting + "', and say of it " + other + " and " + schema);
        }
    }

    /** For editors, which see a file before the environment has filled its {@code ${NAME}}: any value may be one. */
    static JsonNode forEditors() {
        ObjectNode root = load().getSchemaNode().deepCopy();
        root.put("$id", ID);
        ((ObjectNode) root.path("$defs"))
                .putObject("variable")
                .put("type", "string")
                .put("description", "of the environment, with a default behind a colon")
                .put("pattern", "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:[^}]*)?\\}");
        allowVariables(root);
        return root;
    }

    private static void allowVariables(JsonNode node) {
        for (String of : List.of("properties", "$defs")) {
            node.path(of).properties().forEach(each -> {
                if (!each.getKey().equals("variable")) {
                    allowVariables(each.getValue());
                    allowVariable((ObjectNode) each.getValue());
                }
            });
        }
        if (node.path("additionalProperties") instanceof ObjectNode any) {
            allowVariables(any);
            allowVariable(any);
        }
    }

    /** What is not any text, nor holds others. */
    private static void allowVariable(ObjectNode node) {
        boolean isScalar = Set.of("string", "integer", "number", "boolean")
                .contains(node.path("type").asText());
        boolean isAnyText =
                node.path("type").asText().equals("string") && !node.has("pattern") && !node.has("minLength");
        if (!isScalar && !node.has("enum") || isAnyText) {
            return;
        }
        ObjectNode own = node.objectNode();
        for (String word : List.of("type", "enum", "pattern", "minLength", "minimum", "maximum")) {
            JsonNode value = node.remove(word);
            if (value != null) {
                own.set(word, value);
            }
        }
        node.putArray("anyOf").add(own).addObject().put("$ref", "#/$defs/variable");
    }

    /** Of a whole file. */
    static PipelineSchema root() {
        JsonNode root = load().getSchemaNode();
        return new PipelineSchema(root, root);
    }

    /** Of a setting in this mapping; of one that there is not, nothing is known. */
    PipelineSchema of(String setting) {
        JsonNode own = node.path("properties").path(setting);
        return new PipelineSchema(root, own.isMissingNode() ? node.path("additionalProperties") : own);
    }

    /** Of the members of this list. */
    PipelineSchema ofMembers() {
        return new PipelineSchema(root, node.path("items"));
    }

    /** Whether this type is among those that there may be. */
    boolean takes(String type) {
        JsonNode types = node.path("type");
        return types.isArray()
                ? StreamSupport.stream(types.spliterator(), false)
                        .anyMatch(each -> each.asText().equals(type))
                : types.asText().equals(type);
    }

    /** Whether nothing is said of the type. */
    boolean takesAnything() {
        return !node.has("type") && !node.has("enum");
    }

    /** Whether it is a mapping of any names to values that hold no others. */
    boolean isOfScalars() {
        return node.path("additionalProperties").path("type").asText().equals("string");
    }

    boolean isSecret() {
        return node.path("writeOnly").asBoolean();
    }
}
