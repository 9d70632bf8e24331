package io.tributary.changelog;

import io.tributary.change.Column;
import io.tributary.change.TableSchema;
import io.tributary.flow.ConfigException;
import io.tributary.flow.MetricName;
import io.tributary.flow.Nearest;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells of columns that the pipeline file names and a table does not have: a rule of one that is misspelt would hold of every row. */
final class NamedColumns {
    private static final Logger LOG = LoggerFactory.getLogger(NamedColumns.class);

    private final Map<String, ChangelogSettings> settings;
    private final MetricGroup metrics;
    /** Read by whoever shows the metrics. */
    private final Set<NamedColumn> missing = ConcurrentHashMap.newKeySet();

    private final Set<NamedColumn> known = new HashSet<>();
    private final Set<NamedColumn> shown = new HashSet<>();

    NamedColumns(Map<String, ChangelogSettings> settings, MetricGroup metrics) {
        this.settings = settings;
        this.metrics = metrics;
    }

    /**
     * Looks at a table's newest columns.
     *
     * @param made as sinks have them
     * @throws SuppressRestartsException if one is missing, and the table's policy is to end the job then
     */
    void look(TableSchema schema, TableSchema made) {
        String table = schema.table().toString();
        ChangelogSettings own = settings.get(table);
        if (own == null || own.named().isEmpty()) {
            return;
        }
        Set<String> there = names(schema);
        Set<String> inSinks = names(made);
        for (NamedColumn named : own.named()) {
            if ((named.isMade() ? inSinks : there).contains(named.name())) {
                known.add(named);
                missing.remove(named);
            } else if (!known.contains(named) && missing.add(named)) { // an older schema may come after a newer one
                tell(named, table, named.isMade() ? inSinks : there, own.failsOnUnknown());
            }
        }
    }

    private static Set<String> names(TableSchema schema) {
        return schema.columns().stream().map(Column::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private void tell(NamedColumn named, String table, Set<String> there, boolean fails) {
        String nearest = Nearest.of(named.name(), there);
        String what = "'%s' names the column '%s', which %s does not have%s"
                .formatted(
                        named.setting(),
                        named.name(),
                        table,
                        nearest.isEmpty() ? "; it has " + there : "; did you mean '" + nearest + "'?");
        if (fails) {
            throw new SuppressRestartsException(new ConfigException(what));
        }
        LOG.error("{}", what);
        if (shown.add(named)) {
            MetricName.UNKNOWN_COLUMN.register(
                    metrics,
                    (Gauge<Integer>) () -> missing.contains(named) ? 1 : 0,
                    table,
                    named.setting(),
                    named.name());
        }
    }
}
