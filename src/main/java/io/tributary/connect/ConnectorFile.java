package io.tributary.connect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** A connector as {@code debezium/*.json} has it: {@code {"name": …, "config": {…}}}. */
public record ConnectorFile(String name, ObjectNode config) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @throws IOException if there is no such file, or it is none of a connector, in one line */
    public static ConnectorFile read(Path file) throws IOException {
        JsonNode connector;
        try {
            connector = JSON.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no JSON: " + e.getOriginalMessage(), e);
        }
        String name = connector.path("name").asText();
        if (name.isEmpty() || !(connector.path("config") instanceof ObjectNode config)) {
            throw new IOException(file + " must hold 'name' and 'config'");
        }
        return new ConnectorFile(name, config);
    }

    public boolean isPostgres() {
        return config.path("connector.class").asText().endsWith(".PostgresConnector");
    }

    /** The replication slot that a PostgreSQL connector of this configuration reads. */
    public static String slot(ObjectNode config) {
        return config.path("slot.name").asText("debezium");
    }

    /** Whether the lists of its configuration let this table in. */
    public boolean streams(String table) {
        List<String> included = tables(config);
        return (included.isEmpty() || matches(included, table)) && !matches(list(config, "table.exclude.list"), table);
    }

    private static boolean matches(List<String> expressions, String table) {
        return expressions.stream().anyMatch(expression -> Pattern.compile(expression, Pattern.CASE_INSENSITIVE)
                .matcher(table)
                .matches());
    }

    /** The expressions of {@code table.include.list}. */
    public static List<String> tables(ObjectNode config) {
        return list(config, "table.include.list");
    }

    private static List<String> list(ObjectNode config, String name) {
        List<String> tables = new ArrayList<>();
        for (String table : config.path(name).asText("").split(",", -1)) {
            if (!table.isBlank()) {
                tables.add(table.strip());
            }
        }
        return tables;
    }
}
