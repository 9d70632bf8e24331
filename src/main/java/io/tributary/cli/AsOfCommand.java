package io.tributary.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeSettings;
import io.tributary.local.ObjectStores;
import io.tributary.warehouse.MirrorReader;
import io.tributary.warehouse.WarehouseSettings;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One cut through lake and warehouse: both record with their rows up to which offset of the source they have them. */
@Command(
        name = "as-of",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Tells of each table up to which offset of its topic the lake's history and the mirror have all changes. Below the"
                        + " lesser of both they have the same, so both can be asked as of it. Exit 1 if neither has a table.")
final class AsOfCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Mixin
    private PipelineArguments pipeline = new PipelineArguments();

    @Option(names = "--table", paramLabel = "SCHEMA.TABLE", description = "this one alone (default: all)")
    private @Nullable String wanted;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        // without a demo, reading says what is missing
        PipelineConfig config =
                pipeline.given() ? pipeline.read() : RunningDemo.pipeline().orElseGet(pipeline::read);
        LakeSettings lake = config.lake();
        WarehouseSettings warehouse = config.warehouse();
        if (lake == null && warehouse == null) {
            throw new ConfigException("'sinks' must have a lake or a warehouse to be asked, got neither");
        }
        // the mirrors are read before the lake: both only grow
        Map<String, Map<SourcePartition, Long>> mirrors = warehouse == null ? null : mirrors(warehouse);
        Map<String, Map<SourcePartition, Long>> histories =
                lake == null ? null : histories(lake, mirrors == null ? Set.of() : mirrors.keySet());
        Map<String, Map<SourcePartition, Cut.Ends>> tables = Cut.of(
                        histories, mirrors, table -> warehouse != null && isMirrored(warehouse, table))
                .tables();
        // what was repaired has its old place, below any cut
        tables.values()
                .forEach(of -> of.keySet().removeIf(source -> source.topic().equals(config.replays())));
        tables.values().removeIf(Map::isEmpty);
        if (wanted != null) {
            tables.keySet().retainAll(Set.of(wanted));
            if (tables.isEmpty()) {
                throw new ConfigException(
                        "'--table' must be one that the lake or the warehouse has, got '" + wanted + "'");
            }
        }
        System.out.println(Printable.lines(json ? json(tables) : text(tables)));
        return tables.isEmpty() ? Tributary.NO : 0;
    }

    private static Map<String, Map<SourcePartition, Long>> mirrors(WarehouseSettings warehouse) {
        try (MirrorReader mirrors = new MirrorReader(warehouse)) {
            Map<String, Map<SourcePartition, Long>> found = new HashMap<>();
            mirrors.ends().forEach((table, ends) -> found.put(table.toString(), ends));
            return found;
        } catch (SQLException e) {
            throw new UnreachableException("cannot read the ledger of the warehouse at 'sinks.warehouse.url' "
                    + warehouse.place() + ": " + e.getMessage());
        }
    }

    /** @param known tables, by whose names folders are told */
    private static Map<String, Map<SourcePartition, Long>> histories(LakeSettings lake, Set<String> known)
            throws IOException {
        ObjectStores.openFor(lake);
        LakeProbe.checkThere(lake);
        Map<String, String> names = new HashMap<>();
        known.forEach(table -> names.put(LakeProbe.folder(table), table));
        Map<String, Map<SourcePartition, Long>> found = new HashMap<>();
        LakeProbe.fences(lake).forEach((folder, fences) -> {
            Map<SourcePartition, Long> ends = new HashMap<>();
            fences.forEach((p, next) -> ends.put(new SourcePartition(p.topic(), p.partition()), next));
            found.put(names.getOrDefault(folder, folder), ends);
        });
        return found;
    }

    private static boolean isMirrored(WarehouseSettings warehouse, String table) {
        int dot = table.indexOf('.');
        return dot >= 0 && warehouse.hasMirror(new TableName(table.substring(0, dot), table.substring(dot + 1)));
    }

    private static String text(Map<String, Map<SourcePartition, Cut.Ends>> tables) {
        if (tables.isEmpty()) {
            return "neither the lake nor the warehouse has a table";
        }
        StringBuilder text = new StringBuilder();
        tables.forEach((table, partitions) -> partitions.forEach((partition, ends) -> text.append(String.format(
                Locale.ROOT,
                "%-30s %-36s lake %12s   mirror %12s   as of %s%n",
                Printable.of(table),
                partition,
                ends.lake() == null ? "-" : ends.lake(),
                ends.mirror() == null ? "-" : ends.mirror(),
                ends.asOf()))));
        return text.append(
                        "below 'as of' both have all changes: _offset in the lake's history, the second part of cdc_position"
                                + " in the mirror's")
                .toString();
    }

    private static String json(Map<String, Map<SourcePartition, Cut.Ends>> tables) throws JsonProcessingException {
        ArrayNode list = JSON.createArrayNode();
        tables.forEach((table, partitions) -> partitions.forEach((partition, ends) -> list.addObject()
                .put("table", table)
                .put("topic", partition.topic())
                .put("partition", partition.partition())
                .put("lake", ends.lake())
                .put("mirror", ends.mirror())
                .put("as_of", ends.asOf())));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list);
    }
}
