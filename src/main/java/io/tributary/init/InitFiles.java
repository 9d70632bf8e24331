package io.tributary.init;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.DatabaseTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What {@code ./tributary init} writes: {@link #CONNECTOR}, {@link #PIPELINE} and, where it takes one, {@link #ADMINISTRATOR}. */
public final class InitFiles {
    /** As Kafka Connect takes it. */
    public static final String CONNECTOR = "connector.json";

    public static final String PIPELINE = "pipeline.yaml";

    /** SQL. */
    public static final String ADMINISTRATOR = "administrator.sql";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final Pattern PLAIN_YAML = Pattern.compile("[A-Za-z_][A-Za-z0-9_.]*");
    private static final long MANY_ROWS = 1_000_000;

    private InitFiles() {}

    /**
     * Writes them; a pipeline that is there stays as it is, and comes once the administrator has nothing to do.
     *
     * @param numbers by table and column, the types of {@link Numbers}
     * @param shipped the connector that is shipped: of it are all settings that have nothing to do with the database
     */
    static void write(
            Path folder,
            InitChoices choices,
            InitPlan plan,
            SourceFacts facts,
            Map<String, Map<String, String>> numbers,
            Path shipped)
            throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(CONNECTOR), connector(choices, plan, shipped));
        // what hides a column must not go unseen; and what may not be read yet is not known yet
        if (!Files.exists(folder.resolve(PIPELINE)) && plan.byAdministrator().isEmpty()) {
            Files.writeString(folder.resolve(PIPELINE), pipeline(choices, plan, facts, numbers));
        }
        Path sql = folder.resolve(ADMINISTRATOR);
        if (plan.byAdministrator().isEmpty()) {
            Files.deleteIfExists(sql);
        } else {
            Files.write(sql, administrator(choices, plan), StandardCharsets.UTF_8);
        }
    }

    static String connector(InitChoices choices, InitPlan plan, Path shipped) throws IOException {
        ObjectNode config = ConnectorFile.read(shipped).config();
        config.put("database.hostname", choices.host());
        config.put("database.port", choices.port());
        config.put("database.user", choices.user());
        config.put("database.dbname", choices.database());
        config.put("topic.prefix", choices.prefix());
        config.put("table.include.list", expressions(plan.tables()));
        config.put("slot.name", choices.slot());
        config.put("publication.name", choices.slot());
        config.put("publication.autocreate.mode", plan.publishes() ? "filtered" : "disabled");
        config.put("signal.data.collection", SourceFacts.SIGNALS);
        config.put("topic.creation.default.replication.factor", "-1"); // as the brokers have it
        config.remove("replica.identity.autoset.values");
        if (!plan.setsIdentity().isEmpty()) {
            config.put(
                    "replica.identity.autoset.values",
                    plan.setsIdentity().stream()
                            .map(table -> expression(table) + (table.hasKey() ? ":DEFAULT" : ":FULL"))
                            .collect(Collectors.joining(",")));
        }
        if (InitPlan.hasPartitions(plan.tables())) {
            config.put("publish.via.partition.root", "true");
        }
        ObjectNode file = JSON.createObjectNode().put("name", choices.connector());
        file.set("config", config);
        return JSON.writeValueAsString(file) + "\n";
    }

    private static String expressions(List<DatabaseTable> tables) {
        return tables.stream().map(InitFiles::expression).collect(Collectors.joining(","));
    }

    /** Of this table alone, in a list that has commas between. */
    private static String expression(DatabaseTable table) {
        StringBuilder expression = new StringBuilder();
        table.text().codePoints().forEach(letter -> {
            if (letter == '_' || Character.isLetterOrDigit(letter)) {
                expression.appendCodePoint(letter);
            } else if (letter == ',' || letter == ':' || Character.isWhitespace(letter)) {
                expression.append("\\x%02x".formatted(letter));
            } else {
                expression.append('\\').appendCodePoint(letter);
            }
        });
        return expression.toString();
    }

    static String pipeline(
            InitChoices choices, InitPlan plan, SourceFacts facts, Map<String, Map<String, String>> numbers) {
        StringBuilder yaml = new StringBuilder();
        yaml.append(
                "# Of PostgreSQL %s at %s:%s/%s, by ./tributary init. All that such a file may have: docs/reference/pipeline-file.md%n"
                        .formatted(facts.version(), choices.host(), choices.port(), choices.database()));
        yaml.append("name: ").append(text(choices.prefix())).append('\n');
        yaml.append("source:\n  bootstrap: ${KAFKA_BOOTSTRAP:localhost:9092}\n");
        yaml.append(
                "  # the tables' topics, those of transactions and of heartbeats, not what the connector is told\n");
        yaml.append("  topics: '%1$s\\.(?!tributary\\.debezium_signal$).*|__debezium-heartbeat\\.%1$s'%n"
                .formatted(choices.prefix()));
        yaml.append("tables:\n");
        for (DatabaseTable table : plan.tables()) {
            table(yaml, table, numbers.getOrDefault(table.text(), Map.of()));
        }
        yaml.append(
                "# Hide what nobody should see before the first run. What has been written stays in the histories.\n");
        yaml.append("#   columns: {email: mask, phone: hash, password: drop}\n");
        yaml.append("# privacy: {secret: \"${HASH_SECRET}\"}   # of hashed columns, at least 16 characters\n");
        yaml.append("sinks:\n  # history and current rows of each table, under Delta logs\n");
        yaml.append("  lake: {path: ")
                .append("\"${LAKE_PATH:" + choices.lake().replace("\\", "\\\\").replace("\"", "\\\"") + "}\"")
                .append(", current: {every: 1m}}\n");
        warehouse(yaml, choices);
        return yaml.toString();
    }

    private static void table(StringBuilder yaml, DatabaseTable table, Map<String, String> numbers) {
        List<String> facts = new ArrayList<>();
        facts.add(table.hasKey() ? "key " + String.join(", ", table.key()) : "no key: counted as a bag of rows");
        if (table.isPartitioned()) {
            facts.add("with its partitions");
        }
        if (table.rows() >= 0) {
            facts.add("about %,d rows".formatted(table.rows()));
        }
        if (!numbers.isEmpty()) {
            facts.add("types: numeric without precision, by its first rows; a value that does not fit makes it text");
        }
        List<String> settings = new ArrayList<>();
        if (table.rows() >= MANY_ROWS) {
            settings.add("buckets: " + (table.rows() >= 10 * MANY_ROWS ? 8 : 4));
        }
        if (!numbers.isEmpty()) {
            settings.add("types: {"
                    + numbers.entrySet().stream()
                            .map(column -> text(column.getKey()) + ": \"" + column.getValue() + '"')
                            .collect(Collectors.joining(", "))
                    + "}");
        }
        yaml.append("  ")
                .append(text(table.text()))
                .append(": {")
                .append(String.join(", ", settings))
                .append("}   # ")
                .append(String.join("; ", facts).replaceAll("\\p{Cntrl}", " "))
                .append('\n');
    }

    private static void warehouse(StringBuilder yaml, InitChoices choices) {
        boolean wanted = choices.warehouse() != null;
        yaml.append(
                wanted
                        ? "  # each table as the source has it\n"
                        : "  # each table as the source has it, in a PostgreSQL (or Snowflake: pipelines/snowflake.yaml)\n");
        String url = wanted ? choices.warehouse() : "jdbc:postgresql://localhost:5432/warehouse";
        for (String line : List.of(
                "  warehouse:",
                "    url: \"${WAREHOUSE_URL:" + url + "}\"",
                "    user: \"${WAREHOUSE_USER:" + choices.warehouseUser() + "}\"",
                "    password: \"${WAREHOUSE_PASSWORD}\"")) {
            yaml.append(wanted ? line : "  #" + line.substring(1)).append('\n');
        }
    }

    private static String text(String name) {
        boolean isPlain = PLAIN_YAML.matcher(name).matches()
                && !List.of("true", "false", "null", "yes", "no", "on", "off", "y", "n")
                        .contains(name.toLowerCase(Locale.ROOT));
        return isPlain ? name : "'" + name.replace("'", "''") + "'";
    }

    private static List<String> administrator(InitChoices choices, InitPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("-- What " + choices.user().replaceAll("\\p{Cntrl}", " ")
                + " may not do itself: as an administrator of the database, psql -h "
                + choices.host().replaceAll("\\p{Cntrl}", " ") + " -p " + choices.port() + " -f " + ADMINISTRATOR
                + " -d "
                + choices.database().replaceAll("\\p{Cntrl}", " "));
        if (plan.restarts() != null) {
            lines.add("-- PostgreSQL must be started again after it, for " + plan.restarts());
        }
        plan.byAdministrator().forEach(statement -> lines.add(statement + ";"));
        return lines;
    }
}
