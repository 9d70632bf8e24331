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
import io.tributary.local.FlinkCluster;
import io.tributary.local.ObjectStores;
import io.tributary.sink.SinkSteps;
import io.tributary.source.KafkaProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FileUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Runs a pipeline in this process. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs a pipeline in a Flink of its own, against an existing Kafka or a file of recorded events.")
final class RunCommand implements Callable<Integer> {
    private static final int RESTARTS = 10;
    private static final int TOLERATED = 1000;

    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Option(names = "--bounded", description = "end at what the topics hold now")
    private boolean bounded;

    @Option(names = "--parallelism", defaultValue = "1", description = "of every operator but the account's")
    private int parallelism;

    @Override
    public Integer call() throws Exception {
        PipelineConfig config = options.read(RunningDemo.address("kafka")
                .map(kafka -> Map.of("KAFKA_BOOTSTRAP", kafka))
                .orElse(Map.of()));
        ObjectStores.openFor(config.lake());
        Reaches reaches = Preflight.check(config, true);
        if (bounded && config.source().file() == null) {
            KafkaProbe.open(config.kafka()).checkTopics();
        }
        Configuration flink = new Configuration();
        FlinkCluster.keepToThisMachine(flink, 0);
        // for restarts within this run: the next run is a fresh job, and the lake's fences tell it where to go on
        Path checkpoints = Files.createTempDirectory("tributary-run-");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        flink.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
        flink.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED); // a sink that is waited for is no failure
        if (bounded) { // what ends by itself may give up; what runs on waits for what is down
            flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
            flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
            flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(1));
        } else {
            FlinkCluster.keepTrying(flink);
        }
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
