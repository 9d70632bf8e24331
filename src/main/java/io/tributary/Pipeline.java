package io.tributary;

import io.tributary.account.AccountOperator;
import io.tributary.account.BreakerLimits;
import io.tributary.aggregate.AggregateOperator;
import io.tributary.aggregate.AggregateSettings;
import io.tributary.aggregate.DeltaOperator;
import io.tributary.aggregate.JoinOperator;
import io.tributary.aggregate.RowDelta;
import io.tributary.change.Change;
import io.tributary.change.Event;
import io.tributary.change.Fact;
import io.tributary.change.PartRow;
import io.tributary.change.RawRecord;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.changelog.CurrentSettings;
import io.tributary.config.PipelineConfig;
import io.tributary.console.ConsoleSink;
import io.tributary.deadletter.DeadLetterSettings;
import io.tributary.deadletter.DeadLetterSink;
import io.tributary.decode.DecodeOperator;
import io.tributary.decode.DecodeSettings;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Measure;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.lake.CommitSteps;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeSettings;
import io.tributary.lake.LakeSink;
import io.tributary.metrics.MeasureOperator;
import io.tributary.metrics.MetricSettings;
import io.tributary.metrics.MetricsOperator;
import io.tributary.source.Sources;
import io.tributary.warehouse.WarehouseSettings;
import io.tributary.warehouse.WarehouseSink;
import io.tributary.warehouse.WarehouseSteps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The job, wired. The uids are in every savepoint: they never change. */
public final class Pipeline {
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofSeconds(10);

    private Pipeline() {}

    /**
     * A sink, the name that metrics and savepoints know it by, and what it takes.
     *
     * @param of gives the streams it takes from those that decode and changelog have
     */
    public record Outlet<T>(String name, Sink<T> sink, Function<Streams, DataStream<T>> of) {
        private void connect(Streams streams) {
            of.apply(streams).sinkTo(sink).name(name).uid(name);
        }
    }

    /** What sinks may take. */
    public record Streams(SingleOutputStreamOperator<Event> decoded, SingleOutputStreamOperator<Change> changelog) {
        /** The changes, as they are true. */
        public DataStream<Change> changes() {
            return changelog;
        }

        /** The changes, and among them the rows that were asked for. */
        public DataStream<Fact> facts() {
            return changelog.getSideOutput(ChangelogOperator.FACTS);
        }

        /** The rows that tables have, as a whole, at a checkpoint at which they are due. */
        public DataStream<PartRow> rows() {
            return changelog.getSideOutput(ChangelogOperator.ROWS);
        }

        /** Dead letters. */
        public DataStream<Change> letters() {
            return decoded.getSideOutput(DeadLetters.OUTPUT).union(changelog.getSideOutput(DeadLetters.OUTPUT));
        }
    }

    /**
     * Aggregates and where they go.
     *
     * @param replays the topic of dead letters that are offered again
     */
    public record Aggregates(List<AggregateSettings> settings, Sink<PartRow> sink, String replays) {}

    /**
     * Adds the job that the pipeline file describes to the environment.
     *
     * @param bounded whether the job ends at what the topics hold now
     */
    public static void build(StreamExecutionEnvironment env, PipelineConfig config, boolean bounded) {
        build(env, config, bounded, CommitSteps.NONE, WarehouseSteps.NONE);
    }

    /** The same, and somebody is told of the sinks' steps. */
    public static void build(
            StreamExecutionEnvironment env,
            PipelineConfig config,
            boolean bounded,
            CommitSteps steps,
            WarehouseSteps warehouseSteps) {
        String file = config.source().file();
        if (!bounded && file == null) {
            // No task ends by itself. Otherwise stop-with-savepoint fails where a busy source task is through with its
            // last
            // element before its savepoint and an idle one is not: Flink refuses union list state of a task that is
            // half done.
            env.configure(new Configuration().set(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, false));
        }
        List<Outlet<?>> outlets = new ArrayList<>();
        LakeSettings lake = config.sinks().lake();
        if (lake != null) {
            outlets.add(new Outlet<>(
                    "lake",
                    LakeSink.history(lake.uri(), config.replays(), config.historyOptions(), steps),
                    Streams::changes));
            outlets.add(new Outlet<>(
                    "lake-rejected", LakeSink.letters(lake.uri(), config.replays(), steps), Streams::letters));
        }
        CurrentSettings currents = currents(env, config);
        if (lake != null && currents.isOn()) {
            outlets.add(new Outlet<>(
                    "lake-current",
                    LakeSink.rows(lake.uri(), LakeProbe.CURRENT, "lake-current", config.currentOptions(), steps),
                    Streams::rows));
        }
        WarehouseSettings warehouse = config.warehouseSettings();
        if (warehouse != null) {
            outlets.add(new Outlet<>(
                    "warehouse", new WarehouseSink(warehouse, config.replays(), warehouseSteps), Streams::facts));
        }
        PipelineConfig.Console console = config.sinks().console();
        if (console != null) {
            outlets.add(new Outlet<>("console", new ConsoleSink(console.json()), streams -> streams.changes()
                    .union(streams.letters())));
        }
        DeadLetterSettings letters = config.sinks().deadLetters();
        if (letters != null) {
            outlets.add(new Outlet<>(
                    "dead-letters",
                    DeadLetterSink.of(letters.topic(), config.producerProperties(letters)),
                    Streams::letters));
        }
        // what is offered again has its place where the sinks have not come to yet, or comes after what they have
        Map<TopicPartition, Long> ends = Preflight.ends(config);
        wire(
                env,
                file == null ? Sources.of(config.kafka(), bounded, ends) : Sources.ofFiles(file),
                config.decodeSettings(),
                new ChangelogOperator(config.changelogSettings(), ends, currents, warehouse != null),
                outlets,
                config.metricSettings(),
                config.breakerLimits(),
                lake == null
                        ? null
                        : new Aggregates(
                                config.aggregateSettings(),
                                LakeSink.rows(lake.uri(), "", "aggregates", config.aggregateOptions(), steps),
                                config.replays()));
    }

    private static CurrentSettings currents(StreamExecutionEnvironment env, PipelineConfig config) {
        LakeSettings lake = config.sinks().lake();
        Duration every = lake == null ? null : lake.currentEvery();
        if (lake == null || every == null) {
            return CurrentSettings.OFF;
        }
        long interval = env.getCheckpointConfig().isCheckpointingEnabled()
                ? env.getCheckpointConfig().getCheckpointInterval()
                : CHECKPOINT_INTERVAL.toMillis();
        int checkpoints = (int) Math.max(1, Math.min(Integer.MAX_VALUE, every.toMillis() / interval));
        return config.currentSettings(checkpoints, LakeProbe.currentEnds(lake));
    }

    /** Wires source, rooms and sinks. */
    public static void wire(
            StreamExecutionEnvironment env,
            Source<RawRecord, ?, ?> source,
            DecodeSettings decode,
            ChangelogOperator changelogs,
            List<Outlet<?>> outlets,
            List<MetricSettings> metrics,
            BreakerLimits breaker,
            @Nullable Aggregates aggregates) {
        env.configure(settings());
        env.setMaxParallelism(Buckets.MAX_PARALLELISM);
        if (!env.getCheckpointConfig().isCheckpointingEnabled()) {
            env.enableCheckpointing(CHECKPOINT_INTERVAL.toMillis()); // without, nothing would ever be published
        }

        DataStream<RawRecord> records = env.fromSource(
                        source, WatermarkStrategy.noWatermarks(), "source", StreamType.RAW_RECORD)
                .uid("source");
        SingleOutputStreamOperator<Event> decoded = records.transform(
                        "decode", StreamType.EVENT, new DecodeOperator(decode))
                .uid("decode");
        SingleOutputStreamOperator<Change> changelog = decoded.keyBy(new ByBucket(), Types.LONG)
                .transform("changelog", StreamType.CHANGE, changelogs)
                .uid("changelog");
        Streams streams = new Streams(decoded, changelog);
        outlets.forEach(outlet -> outlet.connect(streams));
        decoded.getSideOutput(Tallies.OUTPUT)
                .union(changelog.getSideOutput(Tallies.OUTPUT))
                .transform("account", StreamType.TALLY, new AccountOperator(breaker))
                .uid("account")
                .setParallelism(1)
                .setMaxParallelism(1);
        DataStream<Change> gone = changelog.getSideOutput(ChangelogOperator.GONE);
        measure(decoded, changelog, gone, metrics);
        if (aggregates != null && !aggregates.settings().isEmpty()) {
            aggregate(changelog, gone, aggregates);
        }
    }

    private static void aggregate(DataStream<Change> changes, DataStream<Change> rowsGone, Aggregates aggregates) {
        List<AggregateSettings> settings = aggregates.settings();
        SingleOutputStreamOperator<RowDelta> deltas = changes.transform(
                        "aggregate-deltas", RowDelta.TYPE, new DeltaOperator(settings, aggregates.replays()))
                .uid("aggregate-deltas");
        SingleOutputStreamOperator<RowDelta> gone = rowsGone.transform(
                        "aggregate-gone", RowDelta.TYPE, new DeltaOperator(settings, aggregates.replays()))
                .uid("aggregate-gone");
        DataStream<RowDelta> joined = deltas.getSideOutput(RowDelta.TO_JOIN)
                .union(gone.getSideOutput(RowDelta.TO_JOIN))
                .keyBy(new ByJoin(), Types.STRING)
                .transform("aggregate-join", RowDelta.TYPE, new JoinOperator(settings))
                .uid("aggregate-join");
        deltas.union(gone, joined)
                .keyBy(new ByAggregate(), Types.STRING)
                .transform("aggregate", StreamType.PART_ROW, new AggregateOperator(settings))
                .uid("aggregate")
                .sinkTo(aggregates.sink())
                .name("aggregates")
                .uid("aggregates");
    }

    private static void measure(
            SingleOutputStreamOperator<Event> decoded,
            DataStream<Change> changes,
            DataStream<Change> rowsGone,
            List<MetricSettings> metrics) {
        DataStream<Measure> gone = rowsGone.transform("measure-gone", StreamType.MEASURE, new MeasureOperator(metrics))
                .uid("measure-gone");
        changes.transform("measure", StreamType.MEASURE, new MeasureOperator(metrics))
                .uid("measure")
                .union(gone, decoded.getSideOutput(Measure.OUTPUT))
                .transform("metrics", StreamType.MEASURE, new MetricsOperator(metrics))
                .uid("metrics")
                .setParallelism(1)
                .setMaxParallelism(1);
    }

    private static Configuration settings() {
        Configuration settings = new Configuration();
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        settings.set(PipelineOptions.GENERIC_TYPES, false);
        settings.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        settings.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        // a barrier must not overtake rows: the fence of a checkpoint covers what came before it
        settings.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        return settings;
    }

    private static final class ByJoin implements KeySelector<RowDelta, String> {
        @Override
        public String getKey(RowDelta delta) {
            return delta.aggregate() + ":" + delta.key();
        }
    }

    private static final class ByAggregate implements KeySelector<RowDelta, String> {
        @Override
        public String getKey(RowDelta delta) {
            return delta.aggregate();
        }
    }

    private static final class ByBucket implements KeySelector<Event, Long> {
        @Override
        public Long getKey(Event event) {
            return event.bucket;
        }
    }
}
