package io.tributary.warehouse;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.tributary.change.ByTable;
import io.tributary.change.SchemaChanges;
import io.tributary.change.Secret;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Durations;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions.JdbcConnectionOptionsBuilder;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.jspecify.annotations.Nullable;

/**
 * The warehouse as the pipeline file has it.
 *
 * @param privateKeyFile of a key pair that Snowflake knows the user by, in the place of a password
 * @param token of Snowflake, as well
 * @param properties for the driver, as they are
 * @param ledger the schema of the ledger and the staging tables
 * @param deletes what becomes of rows that the source deletes, in tables that do not say
 * @param history whether tables that do not say have a history
 * @param schemaChanges what becomes of mirrors whose source gets other columns, of those that do not say
 * @param alter whether tables that are there already may be altered
 */
public record WarehouseFile(
        String url,
        @Nullable String user,
        @Nullable Secret password,
        @JsonProperty("private-key-file") @Nullable String privateKeyFile,
        @Nullable Secret token,
        @Nullable Map<String, Secret> properties,
        @Nullable String ledger,
        @Nullable Deletes deletes,
        @Nullable Boolean history,
        @Nullable Batch batch,
        @Nullable NameRules names,
        @JsonProperty("schema-changes") @Nullable SchemaChanges schemaChanges,
        @Nullable Boolean alter) {
    private static final int ROWS = 100;
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    /**
     * How rows are sent.
     *
     * @param rows how many at once
     * @param interval how often mirrors are brought up to date: at the first checkpoint after it
     */
    public record Batch(@Nullable Integer rows, @Nullable String interval) {}

    /**
     * What mirrors are called.
     *
     * @param pattern of names {@code schema.table} of the source that {@code to} renames
     * @param to with {@code $1} for the pattern's groups
     */
    public record NameRules(
            @Nullable String schema,
            @Nullable String prefix,
            @Nullable String pattern,
            @Nullable String to,
            @Nullable Letters letters) {}

    /**
     * What it takes of a table's settings.
     *
     * @param mirror whether it has a mirror
     * @param to the mirror's name
     * @param deletes what becomes of rows of the mirror that the source deletes
     * @param history whether the mirror has a history beside it
     * @param schemaChanges what becomes of the mirror when its source gets other columns
     * @param freshness how old the mirror may be
     */
    record Table(
            @Nullable Boolean mirror,
            @Nullable String to,
            @Nullable Deletes deletes,
            @Nullable Boolean history,
            @JsonProperty("schema-changes") @Nullable SchemaChanges schemaChanges,
            @Nullable String freshness) {}

    /** A warehouse of which nothing else is said. */
    public static WarehouseFile of(String url, @Nullable String user, @Nullable String password) {
        return new WarehouseFile(
                url,
                user,
                password == null ? null : Secret.of(password),
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null,
                null);
    }

    /** Without what a pipeline file says of its tables. */
    public WarehouseSettings settings() {
        return settings(Map.of());
    }

    /** @throws ConfigException if anything in it is wrong */
    WarehouseSettings settings(Map<String, Table> tables) {
        WarehouseKind kind = WarehouseKind.of(url)
                .orElseThrow(() -> new ConfigException("'sinks.warehouse.url' must begin with one of "
                        + WarehouseKind.urls() + ", got '" + place() + "'"));
        Batch batches = batch == null ? new Batch(null, null) : batch;
        HashMap<String, Deletes> ownDeletes = new HashMap<>();
        HashMap<String, SchemaChanges> ownChanges = new HashMap<>();
        HashMap<String, Duration> freshness = new HashMap<>();
        HashMap<String, String> ownNames = new HashMap<>();
        HashMap<String, Boolean> histories = new HashMap<>();
        HashSet<String> without = new HashSet<>();
        tables.forEach((name, table) -> {
            putIfThere(ownDeletes, name, table.deletes());
            putIfThere(ownChanges, name, table.schemaChanges());
            putIfThere(ownNames, name, table.to());
            if (table.freshness() != null) {
                freshness.put(name, duration("tables." + name + ".freshness", table.freshness()));
            }
            putIfThere(histories, name, table.history());
            if (Boolean.FALSE.equals(table.mirror())) {
                without.add(name);
            }
        });
        Duration interval =
                batches.interval() == null ? INTERVAL : duration("sinks.warehouse.batch.interval", batches.interval());
        return new WarehouseSettings(
                connection(kind),
                JdbcExecutionOptions.builder()
                        .withBatchSize(batches.rows() == null ? ROWS : batches.rows())
                        .withBatchIntervalMs(interval.toMillis())
                        .build(),
                ledger == null ? kind.ledger() : ledger,
                names(kind, ownNames),
                new ByTable<>(deletes == null ? Deletes.HARD : deletes, ownDeletes),
                new ByTable<>(schemaChanges == null ? SchemaChanges.EVOLVE : schemaChanges, ownChanges),
                freshness,
                histories,
                Boolean.TRUE.equals(history),
                without,
                Boolean.TRUE.equals(alter));
    }

    private static <T> void putIfThere(Map<String, T> all, String name, @Nullable T value) {
        if (value != null) {
            all.put(name, value);
        }
    }

    private JdbcConnectionOptions connection(WarehouseKind kind) {
        JdbcConnectionOptionsBuilder builder =
                new JdbcConnectionOptionsBuilder().withUrl(url).withDriverName(kind.driver());
        if (isThere(user)) {
            builder.withUsername(user);
        }
        if (password != null && Secret.isThere(password)) {
            builder.withPassword(password.value());
        }
        kind.properties().forEach(builder::withProperty);
        login(kind).forEach(builder::withProperty);
        Secret.values(properties).forEach(builder::withProperty);
        return builder.build();
    }

    /** Blank is as good as absent: the file may take it from the environment, and of several that there are one is set. */
    private static boolean isThere(@Nullable String text) {
        return text != null && !text.isBlank();
    }

    private Map<String, String> login(WarehouseKind kind) {
        String file = isThere(privateKeyFile) ? privateKeyFile : null;
        String given = file == null && token != null ? token.value() : file;
        if (given == null || given.isBlank()) {
            return Map.of();
        }
        String setting = "sinks.warehouse." + (file == null ? "token" : "private-key-file");
        if (Secret.isThere(password) || file != null && Secret.isThere(token)) {
            throw new ConfigException(
                    "'" + setting + "' must be alone: of password, private-key-file and token one can be set");
        }
        Map<String, String> login = file == null ? kind.tokenLogin(given) : kind.keyLogin(file);
        if (login.isEmpty()) {
            throw new ConfigException(
                    "'" + setting + "' is nothing that '" + place() + "' takes: use 'user' and 'password'");
        }
        return login;
    }

    private String place() {
        return Secret.place(url);
    }

    private Names names(WarehouseKind kind, HashMap<String, String> own) {
        NameRules rules = names == null ? new NameRules(null, null, null, null, null) : names;
        if ((rules.pattern() == null) != (rules.to() == null)) {
            throw new ConfigException("'sinks.warehouse.names' must have both 'pattern' and 'to', or neither");
        }
        if (rules.pattern() != null && rules.to() != null) {
            try {
                int groups = Pattern.compile(rules.pattern()).groupCount();
                Matcher group = Pattern.compile("\\$(\\d)").matcher(rules.to());
                while (group.find()) {
                    if (Integer.parseInt(group.group(1)) > groups) {
                        throw new ConfigException("'sinks.warehouse.names.to' must name groups of 'pattern' up to $"
                                + groups + ", got '" + rules.to() + "'");
                    }
                }
            } catch (PatternSyntaxException e) {
                throw new ConfigException("'sinks.warehouse.names.pattern' must be a regular expression, got '"
                        + rules.pattern() + "': " + e.getDescription());
            }
        }
        return new Names(
                rules.schema(),
                rules.prefix() == null ? "" : rules.prefix(),
                rules.pattern(),
                rules.to(),
                own,
                rules.letters() == null ? kind.letters() : rules.letters());
    }

    private static Duration duration(String setting, String text) {
        try {
            return Durations.parse(text);
        } catch (IllegalArgumentException e) {
            throw new ConfigException("'" + setting + "' must be a duration: " + e.getMessage());
        }
    }

    // never printed: the password, and what the URL and the properties may hold
    @Override
    public String toString() {
        return "WarehouseFile[" + place() + "]";
    }
}
