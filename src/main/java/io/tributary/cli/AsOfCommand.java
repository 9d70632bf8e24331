package io.tributary.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.local.ObjectStores;
import io.tributary.sink.SinkView;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** One cut through the sinks: each records with its rows up to which offset of the source it has them. */
@Command(
        name = "as-of",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Tells of each table up to which offset of its topic the lake's history and the mirror have all changes. Below the"
                        + " least of them they have the same, so each can be asked as of it. Exit 1 if none has a table.")
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
                pipeline.given() ? pipeline.read() : RunningStack.pipeline().orElseGet(pipeline::read);
        Map<String, SinkView> views = new LinkedHashMap<>();
        config.views().forEach(view -> views.put(view.word(), view));
        if (views.isEmpty()) {
            throw new ConfigException("'sinks' must have a lake or a warehouse to be asked, got neither");
        }
        ObjectStores.openFor(config.lake());
        Map<String, Map<SourcePartition, Cut.Ends>> tables = Cut.of(
                        shown(views), (sink, table) -> takes(Objects.requireNonNull(views.get(sink)), table))
                .tables();
        // what was repaired has its old place, below any cut
        tables.values()
                .forEach(of -> of.keySet().removeIf(source -> source.topic().equals(config.replays())));
        tables.values().removeIf(Map::isEmpty);
        if (wanted != null) {
            tables.keySet().retainAll(Set.of(wanted));
            if (tables.isEmpty()) {
                throw new ConfigException("'--table' must be one that a sink has, got '" + wanted + "'");
            }
        }
        System.out.println(Printable.lines(json ? json(members(views), tables) : text(views, tables)));
        return tables.isEmpty() ? Tributary.NO : 0;
    }

    /** How far each sink's readers see each table, by the tables' names where a sink has those. */
    private static Map<String, Map<String, Map<SourcePartition, Long>>> shown(Map<String, SinkView> views) {
        Map<String, Map<String, Map<SourcePartition, Long>>> shown = new LinkedHashMap<>();
        Set<String> names = new HashSet<>();
        views.forEach((word, view) -> {
            Map<String, Map<SourcePartition, Long>> tables = view.shown();
            shown.put(word, tables);
            names.addAll(tables.keySet());
        });
        views.forEach((word, view) -> {
            Map<String, Map<SourcePartition, Long>> tables = new HashMap<>(shown.get(word));
            for (String name : names) {
                Map<SourcePartition, Long> ends =
                        view.nameOf(name).equals(name) ? null : tables.remove(view.nameOf(name));
                if (ends != null) {
                    tables.put(name, ends);
                }
            }
            shown.put(word, tables);
        });
        return shown;
    }

    /** Lake and mirror are always there: null where there is no such sink. */
    private static Set<String> members(Map<String, SinkView> views) {
        Set<String> members = new LinkedHashSet<>(List.of("lake", "mirror"));
        members.addAll(views.keySet());
        return members;
    }

    private static boolean takes(SinkView view, String table) {
        int dot = table.indexOf('.');
        return dot >= 0
                && view.exempt(new TableName(table.substring(0, dot), table.substring(dot + 1)))
                        .isEmpty();
    }

    private static String text(Map<String, SinkView> views, Map<String, Map<SourcePartition, Cut.Ends>> tables) {
        if (tables.isEmpty()) {
            return "no sink has a table: " + String.join(", ", views.keySet());
        }
        StringBuilder text = new StringBuilder();
        tables.forEach((table, partitions) -> partitions.forEach((partition, ends) -> {
            text.append(String.format(Locale.ROOT, "%-30s %-36s", Printable.of(table), partition));
            views.keySet().forEach(sink -> {
                Long next = ends.bySink().get(sink);
                text.append(String.format(Locale.ROOT, " %s %12s  ", sink, next == null ? "-" : next));
            });
            text.append(String.format(Locale.ROOT, " as of %s%n", ends.asOf()));
        }));
        return text.append("below 'as of' each has all changes: ")
                .append(views.values().stream().map(SinkView::offsets).collect(Collectors.joining(", ")))
                .toString();
    }

    private static String json(Set<String> sinks, Map<String, Map<SourcePartition, Cut.Ends>> tables)
            throws JsonProcessingException {
        ArrayNode list = JSON.createArrayNode();
        tables.forEach((table, partitions) -> partitions.forEach((partition, ends) -> {
            ObjectNode node = list.addObject()
                    .put("table", table)
                    .put("topic", partition.topic())
                    .put("partition", partition.partition());
            sinks.forEach(sink -> node.put(sink, ends.bySink().get(sink)));
            node.put("as_of", ends.asOf());
        }));
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(list);
    }
}
