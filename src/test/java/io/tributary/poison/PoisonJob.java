package io.tributary.poison;

import io.tributary.Pipeline;
import io.tributary.account.Account;
import io.tributary.account.AccountAccumulator;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.lake.LakeReader;
import io.tributary.local.SharedFlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** A whole job over good records with a poison among them. */
final class PoisonJob {
    private final Path folder;

    PoisonJob(Path folder) {
        this.folder = folder;
    }

    /** What came of it. */
    record Result(Account account, List<Long> good, Duration time) {}

    Result run(Poison poison, int good, int bad) throws Exception {
        Path lake = Files.createTempDirectory(folder, "lake");
        Path events = folder.resolve("events.jsonl");
        poison.write(events, good, bad);
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(1));
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, flink);
        PipelineConfig config = PipelineFile.parse("""
                name: poison
                source: {file: '%s'}
                tables:
                  public.ruled: {rules: {v: {pattern: '(a+)+b'}}}
                aggregates:
                  counted: {table: public.bad, count: true, window: 1m}
                breaker: {share: 1}
                limits: {new-schemas: 100000}
                sinks: {lake: {path: '%s', current: {every: 1s}}}
                """.formatted(events, lake), Map.of(), Map.of());
        Pipeline.build(env, config, true);
        long start = System.nanoTime();
        JobExecutionResult result = SharedFlink.run(env);
        Duration time = Duration.ofNanos(System.nanoTime() - start);
        return new Result(result.getAccumulatorResult(AccountAccumulator.NAME), ids(lake), time);
    }

    private static List<Long> ids(Path lake) throws IOException {
        List<Long> ids = new ArrayList<>();
        new LakeReader("file:" + lake)
                .forEach(
                        new TableName("public", "good"), row -> ids.add(Long.valueOf(Objects.toString(row.get("id")))));
        Collections.sort(ids);
        return ids;
    }
}
