package io.tributary.config;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** The page of the docs that has each setting of a pipeline file. */
final class PipelineReference {
    /**
     * A setting.
     *
     * @param path with {@code NAME} for what the file's author chooses
     */
    record Setting(String path, String type, String byDefault, String description) {}

    private PipelineReference() {}

    static List<Setting> settings(JsonNode root) {
        List<Setting> all = new ArrayList<>();
        properties(root, root, "", all);
        properties(root.path("$defs").path("checks"), root, "tables.NAME.rules.COLUMN.", all);
        return all;
    }

    private static void properties(JsonNode node, JsonNode root, String path, List<Setting> all) {
        node.path("properties").properties().forEach(each -> {
            JsonNode setting = each.getValue();
            JsonNode shape = setting.has("$ref")
                    ? root.at(setting.get("$ref").textValue().substring(1))
                    : setting;
            String name = path + each.getKey();
            String usual =
                    setting.has("default") ? setting.get("default").toString().replace("\"", "") : "";
            all.add(new Setting(
                    name, type(shape), usual, setting.path("description").asText()));
            properties(shape, root, name + ".", all);
            if (!name.endsWith("rules")) { // its checks are the last of all
                properties(shape.path("additionalProperties"), root, name + ".NAME.", all);
            }
        });
    }

    private static String type(JsonNode shape) {
        if (shape.has("enum")) {
            return words(shape.path("enum"));
        }
        return shape.path("type").isArray()
                ? words(shape.path("type"))
                : shape.path("type").asText();
    }

    private static String words(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::asText)
                .collect(Collectors.joining(", "));
    }

    static String markdown(JsonNode root) {
        StringBuilder page = new StringBuilder("""
                # A pipeline file

                Made from the schema by `PipelineSchemaTest`; do not edit. `${NAME}` and `${NAME:default}` come from the environment, also
                inside a value. `--set KEY=VALUE` overrides a setting. Editors understand [`pipeline.schema.json`](../pipeline.schema.json):
                begin the file with `# yaml-language-server: $schema=` and its path. [`pipelines/`](../../pipelines) has five files to start from.
                """);
        String part = "";
        for (Setting setting : settings(root)) {
            String first = setting.path().replaceFirst("[.].*", "");
            String own = setting.path().startsWith("sinks.")
                    ? setting.path().replaceFirst("^(sinks[.][^.]*).*", "$1")
                    : setting.path().startsWith("tables.NAME.rules.") ? "tables.NAME.rules.COLUMN" : first;
            if (!own.equals(part)) {
                part = own;
                page.append("\n## `%s`%n%n| setting | values | default | what it does |%n| --- | --- | --- | --- |%n"
                        .formatted(own));
            }
            page.append("| `%s` | %s | %s | %s |%n"
                    .formatted(
                            setting.path(),
                            setting.type(),
                            setting.byDefault().isEmpty() ? "" : "`" + setting.byDefault() + "`",
                            setting.description().replace("|", "\\|")));
        }
        return page.toString();
    }
}
