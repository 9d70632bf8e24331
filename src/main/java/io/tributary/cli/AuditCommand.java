package io.tributary.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.PipelineOptions;
import io.tributary.audit.Audit;
import io.tributary.audit.Comparison;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableName;
import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.config.UnreachableException;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeReader;
import io.tributary.local.ObjectStores;
import io.tributary.warehouse.MirrorReader;
import io.tributary.warehouse.WarehouseSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares a source with its sinks. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Compares every table of the source with the lake and the warehouse: rows, checksum, and the keys that differ. The"
                        + " source may be changing: what differs is looked at again until all that was committed has passed the"
                        + " job. Exit 1 if a sink is wrong.")
final class AuditCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Checkpoints take their time, and commits. */
    private static final Duration SLACK = Duration.ofSeconds(10);

    @Mixin
    private PipelineOptions pipeline = new PipelineOptions();

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.TABLE",
            split = ",",
            description = "only these (default: all that a sink has)")
    private List<String> wanted = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "3m",
            converter = DurationConverter.class,
            description = "how long changes may take to pass the job (default: ${DEFAULT-VALUE})")
    private Duration longest = Duration.ofMinutes(3);

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "20",
            description = "how many keys are shown of each table and sink (default: ${DEFAULT-VALUE})")
    private int shown;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() throws Exception {
        PipelineConfig config = config();
        PipelineConfig.Lake lake = config.sinks().lake();
        WarehouseSettings warehouse = config.warehouseSettings();
        if (lake == null && warehouse == null) {
            throw new ConfigException("'sinks' must have a lake or a warehouse to be compared, got neither");
        }
        ObjectStores.openFor(lake);
        if (lake != null) {
            LakeProbe.checkThere(lake);
        }
        List<Comparison> comparisons = new ArrayList<>();
        try (Connection source = source();
                MirrorReader mirrors = warehouse == null ? null : new MirrorReader(warehouse)) {
            Audit audit = new Audit(
                    source,
                    lake == null ? null : new LakeReader(lake.uri()),
                    mirrors,
                    config,
                    lag(lake, warehouse),
                    longest,
                    Tributary::say);
            for (TableName table : tables(audit)) {
                if (!json) {
                    Tributary.say("comparing " + table);
                }
                PipelineConfig.Table own = config.tables().get(table.toString());
                Comparison comparison = audit.of(table, hidden(own), isIgnoring(table, own, lake, warehouse));
                if (comparison == null) {
                    throw new ConfigException(
                            "'--table' must be of the source " + postgres.place() + ", got '" + table + "'");
                }
                comparisons.add(comparison);
                if (!json) {
                    print(comparison);
                }
            }
        } catch (SQLException e) {
            throw new UnreachableException("cannot compare " + postgres.place() + ": " + e.getMessage());
        }
        boolean agrees = comparisons.stream().allMatch(Comparison::agrees);
        if (json) {
            System.out.println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(object(comparisons, agrees)));
        } else {
            System.out.println(
                    comparisons.isEmpty()
                            ? "no sink has a table of " + postgres.place()
                            : agrees ? "source and sinks agree" : "source and sinks do NOT agree");
        }
        return agrees && !comparisons.isEmpty() ? 0 : Tributary.NO;
    }

    private PipelineConfig config() {
        if (pipeline.given()) {
            return pipeline.read();
        }
        Map<String, String> variables = new HashMap<>();
        for (Map.Entry<String, String> name : Map.of(
                        "KAFKA_BOOTSTRAP", "kafka",
                        "LAKE_PATH", "lake",
                        "WAREHOUSE_URL", "warehouse",
                        "WAREHOUSE_USER", "pg.user",
                        "WAREHOUSE_PASSWORD", "pg.password")
                .entrySet()) {
            RunningDemo.address(name.getValue()).ifPresent(address -> variables.put(name.getKey(), address));
        }
        if (variables.isEmpty()) {
            return pipeline.read(); // which says what is missing
        }
        return PipelineFile.read(
                Path.of(System.getProperty("tributary.home", "."), "pipelines/demo.yaml"), Map.of(), variables);
    }

    private Connection source() {
        try {
            return postgres.connect();
        } catch (SQLException e) {
            throw new UnreachableException(
                    "cannot read the source at '--pg-host' " + postgres.place() + ": " + e.getMessage());
        }
    }

    private Set<TableName> tables(Audit audit) throws SQLException, IOException {
        Set<TableName> tables = new LinkedHashSet<>();
        for (String name : wanted) {
            int dot = name.indexOf('.');
            if (dot < 0) {
                throw new ConfigException("'--table' must be SCHEMA.TABLE, got '" + name + "'");
            }
            tables.add(new TableName(name.substring(0, dot), name.substring(dot + 1)));
        }
        return tables.isEmpty() ? new LinkedHashSet<>(audit.tables()) : tables;
    }

    /** How long after a checkpoint the slowest table of any sink may have its changes. */
    private static Duration lag(PipelineConfig.@Nullable Lake lake, @Nullable WarehouseSettings warehouse) {
        List<Duration> lags = new ArrayList<>();
        if (lake != null && lake.currentEvery() != null) {
            lags.add(lake.currentEvery());
        }
        if (warehouse != null) {
            lags.add(Duration.ofMillis(warehouse.execution().getBatchIntervalMs()));
            lags.addAll(warehouse.freshness().values());
        }
        return lags.stream()
                .max(Comparator.naturalOrder())
                .orElse(Duration.ZERO)
                .plus(SLACK);
    }

    private static Set<String> hidden(PipelineConfig.@Nullable Table table) {
        return table == null || table.columns() == null
                ? Set.of()
                : table.columns().keySet();
    }

    /** Whether any of the sinks leaves out the columns that come later. */
    private static boolean isIgnoring(
            TableName table,
            PipelineConfig.@Nullable Table own,
            PipelineConfig.@Nullable Lake lake,
            @Nullable WarehouseSettings warehouse) {
        SchemaChanges ofLake = own != null && own.schemaChanges() != null
                ? own.schemaChanges()
                : lake == null ? null : lake.schemaChanges();
        return ofLake == SchemaChanges.IGNORE
                || warehouse != null && warehouse.changes().of(table) == SchemaChanges.IGNORE;
    }

    private void print(Comparison comparison) {
        StringBuilder line = new StringBuilder(
                String.format(Locale.ROOT, "%-30s source %,12d rows", comparison.table(), comparison.rows()));
        comparison
                .sinks()
                .forEach((name, sink) -> line.append(
                        sink.isThere()
                                ? String.format(Locale.ROOT, "   %s %,12d", name, sink.rows())
                                : "   " + name + " " + "is not there"));
        System.out.println(line.append(comparison.agrees() ? "   agree" : "   DIFFER"));
        if (!comparison.missing().isEmpty()) {
            System.out.println("  not all has passed within " + longest.toSeconds() + " s: " + comparison.missing());
        }
        comparison.sinks().forEach((name, sink) -> {
            if (!sink.lacking().isEmpty()) {
                System.out.println("  " + name + " lacks the columns " + sink.lacking());
            }
            show(name, sink.differing(), "%,d rows differ");
            show(name, sink.stale(), "%,d rows are stale");
            if (sink.changing() > 0) {
                System.out.printf(
                        Locale.ROOT, "  %s: %,d rows change too fast to be compared%n", name, sink.changing());
            }
        });
    }

    private void show(String sink, Map<String, String> keys, String what) {
        if (!keys.isEmpty()) {
            System.out.printf(Locale.ROOT, "  %s: " + what + "%n", sink, keys.size());
            keys.entrySet().stream()
                    .limit(shown)
                    .forEach(entry -> System.out.println("    " + entry.getKey() + " " + entry.getValue()));
        }
    }

    private ObjectNode object(List<Comparison> comparisons, boolean agrees) {
        ObjectNode root = JSON.createObjectNode().put("agrees", agrees);
        ArrayNode tables = root.putArray("tables");
        for (Comparison comparison : comparisons) {
            ObjectNode table = tables.addObject()
                    .put("table", comparison.table().toString())
                    .put("agrees", comparison.agrees())
                    .put("rows", comparison.rows())
                    .put("checksum", comparison.checksum())
                    .put("missing", comparison.missing());
            ObjectNode sinks = table.putObject("sinks");
            comparison.sinks().forEach((name, sink) -> {
                ObjectNode node = sinks.putObject(name).put("there", sink.isThere());
                if (sink.isThere()) {
                    node.put("rows", sink.rows()).put("checksum", sink.checksum());
                    sink.lacking().forEach(node.putArray("lacking")::add);
                    keys(node.put("differing", sink.differing().size()), "differing_keys", sink.differing());
                    keys(node.put("stale", sink.stale().size()), "stale_keys", sink.stale());
                    node.put("changing", sink.changing());
                }
            });
        }
        return root;
    }

    private void keys(ObjectNode node, String name, Map<String, String> keys) {
        ArrayNode list = node.putArray(name);
        keys.entrySet().stream()
                .limit(shown)
                .forEach(entry -> list.addObject().put("key", entry.getKey()).put("what", entry.getValue()));
    }
}
