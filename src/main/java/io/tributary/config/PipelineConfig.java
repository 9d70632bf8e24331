package io.tributary.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.tributary.account.BreakerLimits;
import io.tributary.aggregate.AggregateSettings;
import io.tributary.change.Secret;
import io.tributary.change.SourcePartition;
import io.tributary.changelog.ChangelogSettings;
import io.tributary.changelog.CurrentSettings;
import io.tributary.changelog.NamedColumn;
import io.tributary.changelog.Shape;
import io.tributary.changelog.StateMode;
import io.tributary.changelog.Unsent;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.Limits;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.TableSettings;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Durations;
import io.tributary.flow.Nearest;
import io.tributary.lake.ConfiguredLake;
import io.tributary.lake.LakeSettings;
import io.tributary.metrics.Meter;
import io.tributary.metrics.MetricSettings;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.SinkView;
import io.tributary.source.KafkaSettings;
import io.tributary.source.SourceSettings;
import io.tributary.warehouse.ConfiguredWarehouse;
import io.tributary.warehouse.WarehouseSettings;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A pipeline file, as {@code pipeline.schema.json} describes it.
 *
 * @param tables by {@code schema.table}
 * @param privacy the secret of hashed columns
 * @param metrics of amounts, by name
 * @param aggregates by name
 * @param sinks by what the file calls their kinds
 */
public record PipelineConfig(
        String name,
        SourceSettings source,
        Map<String, TableFile> tables,
        @Nullable PrivacySecret privacy,
        Map<String, Metric> metrics,
        Map<String, AggregateFile> aggregates,
        Map<String, ConfiguredSink> sinks,
        @Nullable Breaker breaker,
        @Nullable LimitsFile limits) {
    public PipelineConfig {
        tables = tables == null ? Map.of() : Map.copyOf(tables);
        metrics = metrics == null ? Map.of() : new LinkedHashMap<>(metrics);
        aggregates = aggregates == null ? Map.of() : new LinkedHashMap<>(aggregates);
        sinks = sinks == null ? Map.of() : new LinkedHashMap<>(sinks);
    }

    /** @param secret the key of hashed columns */
    public record PrivacySecret(Secret secret) {}

    /**
     * A metric of amounts, as {@link MetricSettings} has it.
     *
     * @param labelLimit how many values of labels are told apart
     */
    public record Metric(
            String table,
            String amount,
            @Nullable Currency currency,
            @Nullable List<String> labels,
            @Nullable List<BigDecimal> buckets,
            @JsonProperty("label-limit") @Nullable Integer labelLimit) {}

    /**
     * The currency of amounts.
     *
     * @param column where each row has it; null if all amounts are in {@code to}
     */
    public record Currency(
            @Nullable String column,
            @Nullable String to,
            @Nullable Map<String, BigDecimal> rates) {}

    /** The same, with its sinks. */
    PipelineConfig with(Map<String, ConfiguredSink> sinks) {
        return new PipelineConfig(name, source, tables, privacy, metrics, aggregates, sinks, breaker, limits);
    }

    /** The sink of a kind; null if there is none. */
    public <T extends ConfiguredSink> @Nullable T sink(Class<T> type) {
        return sinks.values().stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElse(null);
    }

    /** The sinks of which there is something to be seen. */
    public List<SinkView> views() {
        return sinks.values().stream()
                .map(ConfiguredSink::view)
                .filter(Objects::nonNull)
                .toList();
    }

    /** The lake; null if there is none. */
    public @Nullable LakeSettings lake() {
        ConfiguredLake lake = sink(ConfiguredLake.class);
        return lake == null ? null : lake.settings();
    }

    /** The warehouse, with what the file leaves out; null if there is none. */
    public @Nullable WarehouseSettings warehouse() {
        ConfiguredWarehouse warehouse = sink(ConfiguredWarehouse.class);
        return warehouse == null ? null : warehouse.settings();
    }

    /** The sink that takes whole rows; null if none does. */
    public @Nullable ConfiguredSink wholeRows() {
        return sinks.values().stream()
                .filter(sink -> sink.wholeRows() != null)
                .findFirst()
                .orElse(null);
    }

    /**
     * Refuses to hide columns of a table that is not there: another, which was meant, would be stored as it is.
     *
     * @param topics that the job reads; where one of them is not called {@code prefix.schema.table}, they do not tell their tables
     * @throws ConfigException if no topic has such a table
     */
    public void checkHidden(Collection<String> topics) {
        List<String[]> names =
                topics.stream().map(topic -> topic.split("\\.", -1)).toList();
        if (names.isEmpty() || names.stream().anyMatch(name -> name.length != 3)) {
            return;
        }
        Set<String> there =
                names.stream().map(name -> name[1] + "." + name[2]).collect(Collectors.toCollection(TreeSet::new));
        tables.forEach((name, table) -> {
            if (!table.hidden().isEmpty() && !there.contains(name)) {
                String nearest = Nearest.of(name, there);
                throw new ConfigException("'tables." + name + ".columns' hides columns of a table that no topic has; "
                        + (nearest.isEmpty()
                                ? "there are " + there.stream().limit(10).collect(Collectors.joining(", "))
                                : "did you mean '" + nearest + "'?"));
            }
        });
    }

    /**
     * Refuses topics whose tables would be one: a table is called by its schema and name, whatever its server and database are.
     *
     * @param topics as Debezium names them: of server, database or schema, and table
     */
    public void checkTables(Collection<String> topics) {
        if (source.merges()) {
            return;
        }
        Map<String, String> byTable = new TreeMap<>();
        for (String topic : new TreeSet<>(topics)) {
            String[] parts = topic.split("\\.", -1);
            if (parts.length >= 3 && !topic.startsWith("__")) {
                String table = parts[parts.length - 2] + "." + parts[parts.length - 1];
                String other = byTable.putIfAbsent(table, topic);
                if (other != null) {
                    throw new ConfigException(
                            (source.file() == null ? "'source.topics' matches " : "'source.file' has ") + other
                                    + " and " + topic
                                    + ", whose rows would be of one table, " + table
                                    + "; give each a pipeline of its own, or set 'source.same-tables: merge' if they are of one table");
                }
            }
        }
    }

    /** Of the pipeline: what hashes are made with. */
    public Secret secret() {
        return privacy == null ? Secret.NONE : privacy.secret();
    }

    /** The topics that are read, with what the file leaves out; for a recorded file it says nothing that is used. */
    public KafkaSettings kafka() {
        return source.kafka(name, secret());
    }

    /** The topic of dead letters that are offered again. */
    public String replays() {
        return kafka().replays();
    }

    /** From where on rejections end the job. */
    public record Breaker(
            @Nullable Double share,
            @Nullable String window,
            @Nullable Long least,
            BreakerLimits.@Nullable Scope scope) {}

    /** The breaker's limits, with what the file leaves out. */
    public BreakerLimits breakerLimits() {
        BreakerLimits limits = BreakerLimits.DEFAULT;
        return breaker == null
                ? limits
                : new BreakerLimits(
                        breaker.share() == null ? limits.share() : breaker.share(),
                        breaker.window() == null ? limits.window() : Durations.parse(breaker.window()),
                        breaker.least() == null ? limits.least() : breaker.least(),
                        breaker.scope() == null ? limits.scope() : breaker.scope());
    }

    /** What decode takes. */
    public DecodeSettings decodeSettings() {
        HashMap<String, TableSettings> settings = new HashMap<>();
        tables.forEach((name, table) -> settings.put(
                name,
                new TableSettings(
                        table.key() == null ? List.of() : table.key(),
                        table.types() == null ? Map.of() : table.types(),
                        table.bucketCount(),
                        table.outOfRange() == null ? OutOfRange.TEXT : table.outOfRange(),
                        table.hidden(),
                        table.rules() != null || table.isShaped())));
        String unavailable = source.unavailableValue();
        return new DecodeSettings(
                settings,
                unavailable == null ? DecodeSettings.UNAVAILABLE : unavailable,
                secret(),
                limits == null ? Limits.DEFAULT : limits.limits(),
                source.merges());
    }

    /** What the changelog takes, by table. */
    public Map<String, ChangelogSettings> changelogSettings() {
        Map<String, ChangelogSettings> settings = new HashMap<>();
        Set<String> measured = measured();
        Map<String, List<NamedColumn>> named = namedColumns();
        tables.forEach((name, table) -> settings.put(
                name,
                new ChangelogSettings(
                        table.sweep() == null || table.sweep(),
                        table.unsent() == null ? Unsent.REJECT : table.unsent(),
                        table.state() == null ? StateMode.ROWS : table.state(),
                        RuleFile.of("tables." + name + ".rules", table.rules() == null ? Map.of() : table.rules()),
                        measured.contains(name) || table.where() != null, // of those a truncate takes, some are there
                        table.bucketCount(),
                        table.shape("tables." + name),
                        named.getOrDefault(name, List.of()),
                        table.unknownColumns() == TableFile.UnknownColumns.FAIL)));
        measured.forEach(table -> settings.putIfAbsent(
                table,
                new ChangelogSettings(
                        true,
                        Unsent.REJECT,
                        StateMode.ROWS,
                        List.of(),
                        true,
                        1,
                        Shape.AS_IT_IS,
                        named.getOrDefault(table, List.of()),
                        false)));
        return settings;
    }

    /** The columns that it names, but for hidden ones, by table. */
    public Map<String, List<NamedColumn>> namedColumns() {
        return NamedColumnsFile.of(this);
    }

    /** The tables of which each row that a truncate takes must be told. */
    private Set<String> measured() {
        Set<String> measured = new HashSet<>();
        metrics.values().forEach(metric -> measured.add(metric.table()));
        aggregateSettings().forEach(aggregate -> measured.addAll(aggregate.tables()));
        Meter.all().forEach(meter -> measured.addAll(meter.tables()));
        return measured;
    }

    /** The aggregates, with what the file leaves out. */
    public List<AggregateSettings> aggregateSettings() {
        return aggregates.entrySet().stream()
                .map(entry -> entry.getValue().settings(entry.getKey(), this))
                .toList();
    }

    /**
     * Of which tables the rows are given as a whole.
     *
     * @param every at each so many-th checkpoint
     * @param wanted by the sink that takes them, by table
     * @param there how far the rows come that the sink has, by bucket
     */
    public CurrentSettings currentSettings(
            int every, Map<String, Boolean> wanted, Map<Long, Map<SourcePartition, Long>> there) {
        Set<String> without = new HashSet<>();
        Map<String, Integer> buckets = new HashMap<>();
        tables.forEach((name, table) -> {
            buckets.put(name, table.bucketCount());
            if (!wanted.getOrDefault(name, true) || table.state() == StateMode.KEYS) {
                without.add(name);
            }
        });
        return new CurrentSettings(every, without, buckets, replays(), there);
    }

    /** The metrics of amounts, with what the file leaves out. */
    public List<MetricSettings> metricSettings() {
        return metrics.entrySet().stream()
                .map(entry -> metricSettings(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static MetricSettings metricSettings(String name, Metric metric) {
        Currency currency = metric.currency() == null ? new Currency(null, null, null) : metric.currency();
        return new MetricSettings(
                name,
                metric.table(),
                metric.amount(),
                currency.column(),
                currency.to() == null ? MetricSettings.CURRENCY : currency.to(),
                currency.rates() == null ? Map.of() : currency.rates(),
                metric.labels() == null ? List.of() : metric.labels(),
                metric.buckets() == null ? MetricSettings.BUCKETS : metric.buckets(),
                metric.labelLimit() == null ? MetricSettings.LIMIT : metric.labelLimit());
    }
}
