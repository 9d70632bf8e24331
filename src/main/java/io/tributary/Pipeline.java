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
import io.tributary.change.PartRow;
import io.tributary.change.RawRecord;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.changelog.CurrentSettings;
import io.tributary.config.PipelineConfig;
import io.tributary.decode.DecodeOperator;
import io.tributary.decode.DecodeSettings;
import io.tributary.flow.Buckets;
import io.tributary.flow.DeadLetters;
import io.tributary.flow.Measure;
import io.tributary.flow.StreamType;
import io.tributary.flow.Tallies;
import io.tributary.metrics.MeasureOperator;
import io.tributary.metrics.MetricSettings;
import io.tributary.metrics.MetricsOperator;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.SinkSteps;
import io.tributary.sink.WholeRows;
import io.tributary.source.Sources;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /** What sinks may take. */
    private record Streams(SingleOutputStreamOperator<Event> decoded, SingleOutputStreamOperator<Change> changelog) {
        <T> void connect(Outlet<T> outlet) {
            of(outlet.feed()).sinkTo(outlet.sink()).name(outlet.name()).uid(outlet.name());
        }

        @SuppressWarnings("unchecked") // each feed is of the type that its stream has
        private <T> DataStream<T> of(Feed<T> feed) {
            DataStream<?> stream;
            if (feed == Feed.CHANGES) {
                stream = changelog;
            } else if (feed == Feed.FACTS) {
                stream = changelog.getSideOutput(ChangelogOperator.FACTS);
            } else if (feed == Feed.ROWS) {
                stream = changelog.getSideOutput(ChangelogOperator.ROWS);
            } else if (feed == Feed.LETTERS) {
                stream = letters();
            } else if (feed == Feed.CHANGES_AND_LETTERS) {
                stream = changelog.union(letters());
            } else {
                throw new IllegalArgumentException("no stream of " + feed);
            }
            return (DataStream<T>) stream;
        }

        private DataStream<Change> letters() {
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
     * Adds the job that the pipeline file describes to the environment, after a look at how far its sinks come.
     *
     * @param bounded whether the job ends at what the topics hold now
     */
    public static void build(StreamExecutionEnvironment env, PipelineConfig config, boolean bounded) {
        build(env, config, bounded, Reaches.of(config), SinkSteps.NONE);
    }

    /**
     * The same.
     *
     * @param reaches how far the sinks come
     * @param steps is told of the sinks' steps
     */
    public static void build(
            StreamExecutionEnvironment env, PipelineConfig config, boolean bounded, Reaches reaches, SinkSteps steps) {
        String file = config.source().file();
        if (!bounded && file == null) {
            // No task ends by itself. Otherwise stop-with-savepoint fails where a busy source task is through with its
            // last
            // element before its savepoint and an idle one is not: Flink refuses union list state of a task that is
            // half done.
            env.configure(new Configuration().set(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH, false));
        }
        List<Outlet<?>> outlets = new ArrayList<>();
        Sink<PartRow> aggregates = null;
        for (ConfiguredSink sink : config.sinks().values()) {
            outlets.addAll(sink.outlets(steps));
            aggregates = aggregates == null ? sink.aggregates(steps) : aggregates;
        }
        // what is offered again has its place where the sinks have not come to yet, or comes after what they have
        Map<TopicPartition, Long> ends = file == null ? reaches.ends() : Map.of();
        wire(
                env,
                file == null ? Sources.of(config.kafka(), bounded, ends) : Sources.ofFiles(file),
                config.decodeSettings(),
                new ChangelogOperator(
                        config.changelogSettings(),
                        ends,
                        currents(env, config, reaches),
                        outlets.stream().anyMatch(outlet -> outlet.feed() == Feed.FACTS)),
                outlets,
                config.metricSettings(),
                config.breakerLimits(),
                aggregates == null ? null : new Aggregates(config.aggregateSettings(), aggregates, config.replays()));
    }

    private static CurrentSettings currents(StreamExecutionEnvironment env, PipelineConfig config, Reaches reaches) {
        ConfiguredSink sink = config.wholeRows();
        WholeRows wanted = sink == null ? null : sink.wholeRows();
        if (sink == null || wanted == null) {
            return CurrentSettings.OFF;
        }
        long interval = env.getCheckpointConfig().isCheckpointingEnabled()
                ? env.getCheckpointConfig().getCheckpointInterval()
                : CHECKPOINT_INTERVAL.toMillis();
        int checkpoints =
                (int) Math.max(1, Math.min(Integer.MAX_VALUE, wanted.every().toMillis() / interval));
        return config.currentSettings(checkpoints, wanted.tables(), reaches.rows(sink));
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
        outlets.forEach(streams::connect);
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
                .union(gone, decoded.getSideOutput(StreamType.MEASURES))
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
