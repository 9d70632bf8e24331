package io.tributary.cli;

import io.tributary.Pipeline;
import io.tributary.PipelineArguments;
import io.tributary.Preflight;
import io.tributary.Reaches;
import io.tributary.account.Account;
import io.tributary.account.AccountAccumulator;
import io.tributary.change.Printable;
import io.tributary.config.PipelineConfig;
import io.tributary.decode.Reason;
import io.tributary.flow.ConfigException;
import io.tributary.local.FlinkCluster;
import io.tributary.local.ObjectStores;
import io.tributary.local.Ports;
import io.tributary.sink.SinkSteps;
import io.tributary.source.KafkaProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a pipeline in this process. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Runs a pipeline in a Flink of its own, against an existing Kafka or a file of recorded events.")
final class RunCommand implements Callable<Integer> {
    private static final int RESTARTS = 10;
    private static final int TOLERATED = 1000;
    private static final Duration INTERVAL = Duration.ofSeconds(5);
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    /** Where the search for a free one begins. */
    private static final int FLINK_PORT = 8081;

    private static final int MOST_TOPICS = 10;

    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Option(names = "--bounded", description = "end at what the topics hold now")
    private boolean bounded;

    @Option(names = "--parallelism", defaultValue = "1", description = "of every operator but the account's")
    private int parallelism;

    @Option(
            names = "--data",
            paramLabel = "FOLDER",
            description =
                    "keeps the job's state, so that the same command goes on where Ctrl-C, or a failure, has stopped it"
                            + " (default: none is kept; the sinks' own fences tell the next run where to go on)")
    private @Nullable Path data;

    @Override
    public Integer call() throws Exception {
        PipelineConfig config = options.read(RunningStack.address("kafka")
                .map(kafka -> Map.of("KAFKA_BOOTSTRAP", kafka))
                .orElse(Map.of()));
        ObjectStores.openFor(config.lake());
        if (!bounded && config.source().file() == null) {
            return follow(config);
        }
        if (data != null) {
            throw new ConfigException(
                    "'--data' keeps the state of a run that goes on: not with --bounded, nor with 'source.file'");
        }
        Reaches reaches = Preflight.check(config, true);
        if (config.source().file() == null) {
            KafkaProbe.open(config.kafka()).checkTopics();
        }
        return toTheEnd(config, reaches);
    }

    /** Until Ctrl-C. */
    private int follow(PipelineConfig config) throws Exception {
        Path folder = data == null ? Files.createTempDirectory("tributary-run-") : data.toAbsolutePath();
        try (Stopping stopping = Stopping.of(
                data == null ? () -> FileUtils.deleteDirectoryQuietly(folder.toFile()) : DataFolder.at(folder),
                data == null ? "the job ends" : "the job takes a savepoint",
                Tributary::say)) { // what is on standard output is the sinks'
            requireOwn(folder, config.name());
            Preflight.check(config, !FlinkCluster.hasState(folder));
            topics(config);
            int port = Ports.free(FLINK_PORT);
            FlinkCluster flink = FlinkCluster.start(
                    folder, port, Ports.free(port + 1), new FlinkCluster.Settings(parallelism, INTERVAL));
            stopping.first(flink);
            flink.submit(config);
            Tributary.say("Flink %s, metrics %s".formatted(flink.url(), flink.metricsUrl()));
            Tributary.say("log in " + System.getProperty("log.file", ".tributary/tributary.log")
                    + (flink.restoredFrom().isEmpty() ? "" : "; going on from " + flink.restoredFrom()));
            String look = "./tributary check --flink %s --metrics %s".formatted(flink.url(), flink.metricsUrl());
            Tributary.say(
                    data == null
                            ? "Ctrl-C stops; the next run goes on where the sinks end"
                            : "Ctrl-C stops with a savepoint; the same command goes on where it stopped");
            while (!flink.failed()) {
                Thread.sleep(BETWEEN_LINES.toMillis());
                if (stopping.isSignalled()) {
                    return 0;
                }
                Tributary.say(StatusLine.of(flink.metricsUrl(), look));
            }
            if (stopping.isSignalled()) {
                return 0;
            }
            Throwable failure = flink.failure();
            throw new IllegalStateException("the job has ended: " + failure.getMessage(), failure);
        }
    }

    /** A folder has the state of one pipeline: another would be restored into it, or refused without a word of why. */
    private static void requireOwn(Path folder, String pipeline) throws IOException {
        Path file = folder.resolve("pipeline");
        String owner = Files.exists(file) ? Files.readString(file).strip() : "";
        if (!owner.equals(pipeline) && (!owner.isEmpty() || FlinkCluster.hasState(folder))) {
            throw new ConfigException("'--data' must be a folder of this pipeline's own, got " + folder
                    + (owner.isEmpty() ? ", which is a demo's" : ", which has the state of '" + owner + "'"));
        }
        Files.writeString(file, pipeline + "\n");
    }

    private static void topics(PipelineConfig config) {
        Set<String> topics = new TreeSet<>(KafkaProbe.open(config.kafka()).topics());
        String place = " at " + config.kafka().bootstrap();
        Tributary.say(
                topics.isEmpty()
                        ? "no topic matches " + config.source().topics() + place
                                + " yet: it is read as soon as one does"
                        : "%s %s%s: %s"
                                .formatted(
                                        topics.size() == 1 ? "1 topic matches" : topics.size() + " topics match",
                                        config.source().topics(),
                                        place,
                                        topics.stream().limit(MOST_TOPICS).collect(Collectors.joining(", "))
                                                + (topics.size() > MOST_TOPICS ? ", …" : "")));
    }

    private int toTheEnd(PipelineConfig config, Reaches reaches) throws Exception {
        Configuration flink = new Configuration();
        FlinkCluster.keepToThisMachine(flink, 0);
        // for restarts within this run: the next run is a fresh job, and the lake's fences tell it where to go on
        Path checkpoints = Files.createTempDirectory("tributary-run-");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        flink.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, INTERVAL);
        flink.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED); // a sink that is waited for is no failure
        // what ends by itself may give up; what runs on waits for what is down
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(1));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, flink);
        Pipeline.build(env, config, bounded, reaches, SinkSteps.NONE);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(() -> FileUtils.deleteDirectoryQuietly(checkpoints.toFile()), "clean"));
        JobExecutionResult result;
        try {
            result = env.execute(config.name());
        } finally {
            FileUtils.deleteDirectoryQuietly(checkpoints.toFile());
        }
        Account account = result.getAccumulatorResult(AccountAccumulator.NAME);
        System.err.println("tributary: " + account);
        Map<String, Long> unhidden = account.rejected(Reason.HIDDEN.label());
        unhidden.forEach((table, count) -> System.err.printf(
                "tributary: %,d records of %s were not stored: 'tables.%s.columns' hides a column that it does not have%n",
                count, Printable.of(table), Printable.of(table)));
        return unhidden.isEmpty() ? 0 : Tributary.NO;
    }
}
