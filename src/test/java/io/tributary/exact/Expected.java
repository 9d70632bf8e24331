package io.tributary.exact;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.TableName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** The rows that PostgreSQL had when a recording ended. */
final class Expected {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * A table's true rows.
     *
     * @param types the PostgreSQL types of its columns, without generated ones, in their order
     * @param key the primary key's columns, or none
     * @param rows by column, as {@link PgValue}s
     */
    record Table(Map<String, String> types, List<String> key, List<Map<String, @Nullable Object>> rows) {}

    private final Map<TableName, Table> tables = new LinkedHashMap<>();

    private Expected() {}

    static Expected of(String capture) {
        Expected expected = new Expected();
        String resource = "/captures/" + capture + ".expected.jsonl.gz";
        try (InputStream in = Objects.requireNonNull(Expected.class.getResourceAsStream(resource), resource);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                expected.read(JSON.readTree(line));
            }
            return expected;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read(JsonNode line) {
        TableName name =
                new TableName(line.path("schema").asText(), line.path("table").asText());
        if (line.has("columns")) {
            tables.put(name, table(line.path("columns")));
            return;
        }
        Table table = Objects.requireNonNull(tables.get(name));
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        table.types()
                .forEach((column, type) -> row.put(
                        column,
                        PgValue.printed(type, line.path("row").path(column).textValue())));
        table.rows().add(row);
    }

    private static Table table(JsonNode columns) {
        Map<String, String> types = new LinkedHashMap<>();
        List<JsonNode> key = new ArrayList<>();
        for (JsonNode column : columns) {
            if (!column.path("generated").asBoolean()) {
                types.put(column.path("name").asText(), column.path("type").asText());
            }
            if (!column.path("pk").isNull()) {
                key.add(column);
            }
        }
        key.sort(Comparator.comparingInt(column -> column.path("pk").asInt()));
        List<String> names =
                key.stream().map(column -> column.path("name").asText()).toList();
        return new Table(types, names, new ArrayList<>());
    }

    Map<TableName, Table> tables() {
        return tables;
    }
}
