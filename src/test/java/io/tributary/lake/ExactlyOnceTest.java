package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.Pipeline;
import io.tributary.Reaches;
import io.tributary.account.Account;
import io.tributary.account.AccountAccumulator;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.flow.Tally.Counter;
import io.tributary.local.SharedFlink;
import io.tributary.sink.SinkSteps;
import java.io.BufferedWriter;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The job in a MiniCluster, with a failure at each step of a commit: every event is in the history once. */
@Harness
class ExactlyOnceTest {
    private static final int EVENTS = 30_000;
    private static final List<String> TABLES = List.of("one", "two", "three");
    private static final AtomicInteger FAILURES = new AtomicInteger();
    private static final AtomicInteger REACHED = new AtomicInteger();

    @TempDir
    static Path recorded;

    @TempDir
    Path folder;

    /** Passes through every catch of exceptions, as a killed process would. */
    private static final class Killed extends Error {
        Killed(String where) {
            super(where);
        }
    }

    /** Fails once at a step of the second commit that gets there. */
    private record FailAt(LakeStep step, String folder) implements SinkSteps {
        @Override
        public void reached(String table, Enum<?> reached) {
            boolean isThere = reached == step && (step == LakeStep.PUBLISHED || table.startsWith(folder));
            if (isThere && REACHED.incrementAndGet() == 2) {
                FAILURES.incrementAndGet();
                throw new Killed(step + " of " + table);
            }
        }
    }

    @BeforeAll
    static void record() throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(recorded.resolve("events.jsonl"))) {
            for (int i = 0; i < EVENTS; i++) {
                String table = TABLES.get(i % TABLES.size());
                out.write("""
                        {"topic":"cdc.public.%1$s","timestamp":null,"key":{"id":%2$d},"value":{"before":null,"after":{"id":%2$d,"v":"v%3$d","g":%5$d},"source":{"ts_ms":1750000000000,"schema":"public","table":"%1$s","snapshot":"false","sequence":"[\\"%3$d\\",\\"%3$d\\"]","txId":%3$d},"op":"%4$s","ts_ms":1}}
                        """.formatted(table, i % 5000, i + 1, i < 15_000 ? "c" : "u", i % 7));
            }
        }
    }

    private Account run(SinkSteps steps) throws Exception {
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(100));
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, flink);
        PipelineConfig config =
                PipelineFile.parse("""
                name: test
                source: {file: '%s'}
                aggregates:
                  agg: {table: public.one, count: true, sum: id, max: id}
                  agg-joined: {table: public.one, join: {table: public.two, on: {g: g}}, group-by: two.g, count: true}
                sinks: {lake: {path: '%s', current: {every: 100ms}}}
                """.formatted(recorded.resolve("events.jsonl"), folder), Map.of(), Map.of());
        Pipeline.build(env, config, true, Reaches.of(config), steps);
        JobExecutionResult result = SharedFlink.run(env);
        return result.getAccumulatorResult(AccountAccumulator.NAME);
    }

    private List<Long> offsets() throws IOException {
        List<Long> offsets = new ArrayList<>();
        LakeReader lake = new LakeReader("file:" + folder);
        for (String table : TABLES) {
            lake.forEach(
                    new TableName("public", table),
                    row -> offsets.add((Long) Objects.requireNonNull(row.get("_offset"))));
        }
        offsets.sort(null);
        return offsets;
    }

    /** The rows of all tables as they are now, as {@code id=value}. */
    private List<String> current() throws IOException {
        List<String> rows = new ArrayList<>();
        LakeReader lake = new LakeReader("file:" + folder).current();
        for (String table : TABLES) {
            lake.forEach(
                    new TableName("public", table), row -> rows.add(table + " " + row.get("id") + "=" + row.get("v")));
        }
        rows.sort(null);
        return rows;
    }

    /** What the events leave: of each table and key the newest. */
    private static List<String> expectedCurrent() {
        Map<String, String> newest = new HashMap<>();
        for (int i = 0; i < EVENTS; i++) {
            newest.put(TABLES.get(i % TABLES.size()) + " " + i % 5000, "v" + (i + 1));
        }
        return newest.entrySet().stream()
                .map(row -> row.getKey() + "=" + row.getValue())
                .sorted()
                .toList();
    }

    /** The rows of an aggregate, each as its values of these columns. */
    private List<String> aggregate(String name, String... columns) throws IOException {
        List<String> rows = new ArrayList<>();
        new LakeReader("file:" + folder).aggregates().forEach(new TableName("", name), row -> {
            List<String> values = new ArrayList<>();
            for (String column : columns) {
                Object value = row.get(column);
                values.add(
                        value instanceof BigDecimal number
                                ? number.stripTrailingZeros().toPlainString()
                                : String.valueOf(value));
            }
            rows.add(String.join(" ", values));
        });
        rows.sort(null);
        return rows;
    }

    /** Of each key of a table its last group, counted. */
    private static Map<Integer, Long> groups(int table) {
        Map<Integer, Integer> last = new HashMap<>();
        for (int i = table; i < EVENTS; i += TABLES.size()) {
            last.put(i % 5000, i % 7);
        }
        return last.values().stream()
                .collect(Collectors.groupingBy(group -> group, TreeMap::new, Collectors.counting()));
    }

    private void assertAggregates() throws IOException {
        long sum = LongStream.range(0, 5000).sum();
        assertThat(aggregate("agg", "count", "sum_id", "max_id")).containsExactly("5000 " + sum + " 4999");
        Map<Integer, Long> others = groups(1);
        assertThat(aggregate("agg-joined", "g", "count"))
                .containsExactlyElementsOf(groups(0).entrySet().stream()
                        .map(group -> group.getKey() + " " + group.getValue() * others.getOrDefault(group.getKey(), 0L))
                        .toList());
    }

    private long version(String table) throws IOException {
        return new DeltaLog("file:" + folder).read(LakeProbe.CURRENT + table).version();
    }

    private static List<Long> all() {
        return LongStream.range(0, EVENTS).boxed().toList();
    }

    @ParameterizedTest
    @EnumSource
    void failureAtAStepOfTheCommitLosesNothingAndRepeatsNothing(LakeStep step) throws Exception {
        FAILURES.set(0);
        REACHED.set(0);

        Account account = run(new FailAt(step, LakePath.HISTORY));

        assertThat(FAILURES).as("the failure happened").hasValue(1);
        assertThat(offsets()).isEqualTo(all());
        assertThat(account.total(Counter.READ)).isEqualTo(EVENTS);
        assertThat(account.total(Counter.APPLIED)).isEqualTo(EVENTS);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UPLOADED")
    void failureAtAStepOfTheCommitLeavesTheRowsAsTheSourceHasThem(LakeStep step) throws Exception {
        FAILURES.set(0);
        REACHED.set(0);

        run(new FailAt(step, LakeProbe.CURRENT));

        assertAggregates();

        assertThat(FAILURES).as("the failure happened").hasValue(1);
        assertThat(current()).isEqualTo(expectedCurrent());
        assertThat(offsets()).isEqualTo(all());
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UPLOADED")
    void failureAtAStepOfTheCommitLeavesAggregatesRight(LakeStep step) throws Exception {
        FAILURES.set(0);
        REACHED.set(0);

        run(new FailAt(step, "agg"));

        assertThat(FAILURES).as("the failure happened").hasValue(1);
        assertAggregates();
        assertThat(current()).isEqualTo(expectedCurrent());
    }

    @Test
    void freshJobOverAnOldLakeAddsNothing() throws Exception {
        run(SinkSteps.NONE);
        long version = version("public.one");
        Account second = run(SinkSteps.NONE);

        assertThat(offsets()).isEqualTo(all());
        assertThat(current()).isEqualTo(expectedCurrent());
        assertThat(version("public.one"))
                .as("what the lake has is not replaced by less, nor by the same")
                .isEqualTo(version);
        assertAggregates();
        assertThat(second.total(Counter.APPLIED)).as("the state is built again").isEqualTo(EVENTS);
    }
}
