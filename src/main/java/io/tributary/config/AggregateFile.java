package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.tributary.aggregate.AggregateSettings;
import io.tributary.aggregate.AggregateSettings.Call;
import io.tributary.aggregate.AggregateSettings.Function;
import io.tributary.aggregate.AggregateSettings.Output;
import io.tributary.aggregate.AggregateSettings.Side;
import io.tributary.changelog.StateMode;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Durations;
import io.tributary.validate.Rule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An aggregate as the pipeline file has it: {@code {table: sales.orders, join: {table: sales.customers, on: {customer_id: id}},
 * group-by: [customers.name], sum: total, count: true, where: {status: {in: [completed]}}}}. A column of the table that is looked up
 * is named with that table before it.
 *
 * @param count whether there is a count of rows
 * @param window how long the windows are in which changes are aggregated by the source's time
 * @param keep how long windows are kept
 */
@JsonIgnoreProperties(ignoreUnknown = true) // what sinks take is theirs
record AggregateFile(
        String table,
        @Nullable Join join,
        @JsonProperty("group-by") @Nullable List<String> groupBy,
        @Nullable Boolean count,
        @Nullable List<String> sum,
        @Nullable List<String> avg,
        @Nullable List<String> min,
        @Nullable List<String> max,
        @JsonProperty("count-distinct") @Nullable List<String> countDistinct,
        @Nullable JsonNode where,
        @Nullable String window,
        @Nullable String keep) {
    private static final Duration KEEP = Duration.ofDays(7);
    private static final List<String> FOLDERS = List.of("current", "raw-kafka-data", "rejected");

    /** @param on columns of the table by those of the one that is looked up */
    record Join(String table, Map<String, String> on) {}

    /** @throws ConfigException if anything in it is wrong */
    AggregateSettings settings(String name, PipelineConfig config) {
        String place = "aggregates." + name;
        if (FOLDERS.contains(name)) {
            throw new ConfigException(
                    "'" + place + "' must not be called as a folder of the lake: " + String.join(", ", FOLDERS));
        }
        requireRows(place + ".table", table, config);
        if (join != null) {
            requireRows(place + ".join.table", join.table, config);
        }
        if (join != null && window != null) {
            throw new ConfigException("'" + place + ".window' cannot stand beside '" + place
                    + ".join': changes have a time, joined rows have none");
        }
        if (keep != null && window == null) {
            throw new ConfigException("'" + place + ".keep' needs '" + place + ".window'");
        }
        return new Builder(place, name).build();
    }

    private static void requireRows(String place, String table, PipelineConfig config) {
        TableFile settings = config.tables().get(table);
        if (settings != null && settings.state() == StateMode.KEYS) {
            throw new ConfigException("'" + place + "' is " + table + ", of which 'tables." + table
                    + ".state' keeps keys only: its rows could not be taken back");
        }
    }

    private final class Builder {
        private final String place;
        private final String name;
        private final List<List<String>> columns = List.of(new ArrayList<>(), new ArrayList<>());
        private final List<String> wanted = new ArrayList<>();
        private final Set<String> names = new HashSet<>();

        Builder(String place, String name) {
            this.place = place;
            this.name = name;
        }

        AggregateSettings build() {
            // the columns of both sides first: the right's indexes come after the left's
            List<String> grouped = groupBy == null ? List.of() : groupBy;
            grouped.forEach(this::want);
            for (List<String> arguments : arguments()) {
                arguments.forEach(this::want);
            }
            List<Output> group = new ArrayList<>();
            long windowMillis = window == null ? 0 : millis("window", window);
            if (windowMillis > 0) {
                group.add(new Output(named("window_start"), columns.get(0).size()));
            }
            for (String column : grouped) {
                group.add(new Output(named(bare(column)), index(column)));
            }
            List<Call> calls = new ArrayList<>();
            if (Boolean.TRUE.equals(count)) {
                calls.add(new Call(named("count"), Function.COUNT, -1));
            }
            for (int i = 0; i < arguments().size(); i++) {
                Function function = Function.values()[i + 1];
                for (String column : arguments().get(i)) {
                    String prefix = function == Function.COUNT_DISTINCT
                            ? "distinct"
                            : function.name().toLowerCase(Locale.ROOT);
                    calls.add(new Call(named(prefix + "_" + bare(column)), function, index(column)));
                }
            }
            if (calls.isEmpty()) {
                throw new ConfigException("'" + place
                        + "' must have at least one of 'count', 'sum', 'avg', 'min', 'max' and 'count-distinct'");
            }
            List<List<Rule>> where = List.of(new ArrayList<>(), new ArrayList<>());
            JsonNode given = AggregateFile.this.where;
            if (given != null && given.isTextual()) {
                where.get(0)
                        .add(RuleFile.condition(place + ".where", given)); // of the table, not of one that is looked up
            } else if (given != null) {
                given.properties().forEach(column -> where.get(side(column.getKey()))
                        .addAll(RuleFile.of(place + ".where", bare(column.getKey()), column.getValue())));
            }
            Side left = new Side(
                    table, join == null ? List.of() : List.copyOf(join.on.keySet()), columns.get(0), where.get(0));
            Side right = join == null
                    ? null
                    : new Side(
                            join.table,
                            join.on.keySet().stream().map(join.on::get).toList(),
                            columns.get(1),
                            where.get(1));
            long keepMillis = keep == null ? KEEP.toMillis() : millis("keep", keep);
            return new AggregateSettings(name, left, right, group, calls, windowMillis, keepMillis);
        }

        /** In the order of the functions after the count. */
        private List<List<String>> arguments() {
            return List.of(or(sum), or(avg), or(min), or(max), or(countDistinct));
        }

        private static List<String> or(@Nullable List<String> columns) {
            return columns == null ? List.of() : columns;
        }

        private void want(String column) {
            if (!wanted.contains(column)) {
                wanted.add(column);
                List<String> all = columns.get(side(column));
                if (!all.contains(bare(column))) {
                    all.add(bare(column));
                }
            }
        }

        private int index(String column) {
            int side = side(column);
            return (side == 0 ? 0 : columns.get(0).size()) + columns.get(side).indexOf(bare(column));
        }

        private int side(String column) {
            return prefix(column).isEmpty() ? 0 : 1;
        }

        private String bare(String column) {
            return column.substring(prefix(column).length());
        }

        /** The name of the table that is looked up, whole or without its schema, and a point; or empty. */
        private String prefix(String column) {
            if (join == null) {
                return "";
            }
            String shortName = join.table.substring(join.table.indexOf('.') + 1);
            return column.startsWith(join.table + ".")
                    ? join.table + "."
                    : column.startsWith(shortName + ".") ? shortName + "." : "";
        }

        private String named(String column) {
            if (!names.add(column.toLowerCase(Locale.ROOT))) {
                throw new ConfigException("'" + place + "' must give each column of the result a name of its own, got '"
                        + column + "' twice");
            }
            return column;
        }

        private long millis(String setting, String text) {
            try {
                long millis = Durations.parse(text).toMillis();
                if (millis > 0) {
                    return millis;
                }
            } catch (IllegalArgumentException e) {
                throw new ConfigException("'" + place + "." + setting + "' must be a duration: " + e.getMessage());
            }
            throw new ConfigException("'" + place + "." + setting + "' must be above 0, got '" + text + "'");
        }
    }
}
