package io.tributary.doctor;

import io.tributary.changelog.NamedColumn;
import io.tributary.config.PipelineConfig;
import io.tributary.config.TableFile;
import io.tributary.flow.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Holds the names of a pipeline file against what topics have. */
public final class TopicNames {
    private final Map<String, Set<String>> columns = new TreeMap<>();
    private final List<String> wrong = new ArrayList<>();

    private TopicNames() {}

    /** Tables and columns that the file names and no topic has, a line each, hidden columns first. */
    public static List<String> unknown(PipelineConfig config) {
        Map<String, String> kafka = new HashMap<>(config.kafka().properties());
        kafka.put("bootstrap.servers", config.kafka().bootstrap());
        return unknown(
                config, Sampler.sample(kafka, Pattern.compile(config.kafka().topics())));
    }

    static List<String> unknown(PipelineConfig config, Collection<TopicSample> samples) {
        TopicNames names = new TopicNames();
        for (TopicSample sample : samples) {
            names.columns.computeIfAbsent(sample.table(), table -> new TreeSet<>()); // also of a topic without a change
            sample.columnsByTable().forEach((table, columns) -> names.columns
                    .computeIfAbsent(table, t -> new TreeSet<>())
                    .addAll(columns));
        }
        config.tables().forEach((table, settings) -> {
            names.table("tables." + table, table);
            settings.hidden()
                    .keySet()
                    .forEach(column -> names.column("tables." + table + ".columns." + column, table, column, Set.of()));
        });
        config.metrics().forEach((name, metric) -> names.table("metrics." + name + ".table", metric.table()));
        config.aggregateSettings()
                .forEach(aggregate ->
                        aggregate.tables().forEach(table -> names.table("aggregates." + aggregate.name(), table)));
        config.namedColumns().forEach((table, all) -> {
            TableFile settings = config.tables().get(table);
            for (NamedColumn named : all) {
                names.column(
                        named.setting(),
                        table,
                        named.name(),
                        named.isMade() && settings != null ? settings.computed() : Set.of());
            }
        });
        return names.wrong;
    }

    private void table(String setting, String table) {
        if (!columns.containsKey(table)) {
            tell("'%s' names the table '%s', which no topic has".formatted(setting, table), table, columns.keySet());
        }
    }

    private void column(String setting, String table, String column, Set<String> computed) {
        Set<String> there = new HashSet<>(columns.getOrDefault(table, Set.of()));
        if (!there.isEmpty() && !there.contains(column) && !computed.contains(column)) {
            tell(
                    "'%s' names the column '%s', which %s does not have".formatted(setting, column, table),
                    column,
                    new TreeSet<>(there));
        }
    }

    private void tell(String what, String name, Set<String> there) {
        String nearest = Nearest.of(name, there);
        String line = what + (nearest.isEmpty() ? "; there are " + there : "; did you mean '" + nearest + "'?");
        if (!wrong.contains(line)) {
            wrong.add(line);
        }
    }
}
