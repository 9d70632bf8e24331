package io.tributary.config;

import io.tributary.aggregate.AggregateSettings;
import io.tributary.changelog.NamedColumn;
import io.tributary.validate.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The columns that a pipeline file names, by table; hidden ones are looked for by decode. */
final class NamedColumnsFile {
    private static final Set<String> OF_WHOLE_ROWS = Set.of(Rule.Kind.EXPR.spelled(), "then");

    private final Map<String, List<NamedColumn>> byTable = new HashMap<>();

    private NamedColumnsFile() {}

    static Map<String, List<NamedColumn>> of(PipelineConfig config) {
        NamedColumnsFile file = new NamedColumnsFile();
        config.tables().forEach(file::table);
        config.metrics().forEach(file::metric);
        config.aggregateSettings().forEach(file::aggregate);
        return file.byTable;
    }

    private void add(String table, String column, String setting, boolean isMade) {
        List<NamedColumn> named = byTable.computeIfAbsent(table, t -> new ArrayList<>());
        NamedColumn one = new NamedColumn(column, setting, isMade);
        if (!named.contains(one)) {
            named.add(one);
        }
    }

    private void table(String name, TableFile table) {
        String place = "tables." + name + ".";
        if (table.key() != null) {
            table.key().forEach(column -> add(name, column, place + "key", false));
        }
        if (table.types() != null) {
            Set<String> dropped = table.dropped();
            table.types().keySet().stream()
                    .filter(column -> !dropped.contains(column))
                    .forEach(column -> add(name, column, place + "types." + column, false));
        }
        if (table.rules() != null) {
            table.rules().forEach((column, rules) -> {
                if (!OF_WHOLE_ROWS.containsAll(rules.keySet())) {
                    add(name, column, place + "rules." + column, false);
                }
            });
        }
    }

    private void metric(String name, PipelineConfig.Metric metric) {
        String place = "metrics." + name + ".";
        add(metric.table(), metric.amount(), place + "amount", true);
        if (metric.labels() != null) {
            metric.labels().forEach(label -> add(metric.table(), label, place + "labels", true));
        }
        PipelineConfig.Currency currency = metric.currency();
        if (currency != null && currency.column() != null) {
            add(metric.table(), currency.column(), place + "currency.column", true);
        }
    }

    private void aggregate(AggregateSettings aggregate) {
        side("aggregates." + aggregate.name(), aggregate.left());
        if (aggregate.right() != null) {
            side("aggregates." + aggregate.name(), aggregate.right());
        }
    }

    private void side(String place, AggregateSettings.Side side) {
        side.columns().forEach(column -> add(side.table(), column, place, true));
        side.on().forEach(column -> add(side.table(), column, place + ".join.on", true));
        side.where().stream()
                .map(Rule::column)
                .filter(column -> !column.isEmpty())
                .forEach(column -> add(side.table(), column, place + ".where", true));
    }
}
