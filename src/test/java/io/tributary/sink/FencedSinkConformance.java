package io.tributary.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.Preflight;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.TestCluster;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What holds of every sink with fences, whatever it writes to: a job with a real Kafka, which fails, is restored and begins anew. Each
 * row of the source is there once, and a sink that has lost something gets nothing more before that is told.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
public abstract class FencedSinkConformance {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final AtomicInteger REACHED = new AtomicInteger();
    private static final AtomicInteger FAILED = new AtomicInteger();
    private static int tests;

    /** Of the whole class. */
    protected Path folder;

    private TestCluster cluster;
    /** Of this test, as are its topics and its store: tables are called alike in each. */
    protected String name = "";

    /** Where the search for free ports begins, of which it takes two, as 23400: of each class its own, as they run beside each other. */
    protected abstract int ports();

    /** What the pipeline file has below {@code sinks}, in one line, as {@code acme: {path: '/tmp/…'}}: of each {@link #name} a store of its own. */
    protected abstract String sinks();

    /** The rows of the history of {@code public.TABLE}, each as {@code OPERATION OFFSET}, say {@code CREATE 17}, in any order; none where there is no table. */
    protected abstract List<String> rows(String table) throws Exception;

    /** The steps of a commit that the sink tells its {@link SinkSteps}; a checkpoint with rows comes to each. */
    protected abstract Stream<? extends Enum<?>> steps();

    /** Keeps a copy of what the sink has. */
    protected abstract void keep() throws Exception;

    /** Makes the sink what it was when the copy was made. */
    protected abstract void goBack() throws Exception;

    /** Whether it has a {@link ConfiguredSink#view}. */
    protected boolean isSeen() {
        return true;
    }

    /**
     * Why the table gets nothing more: what the job says as it ends, or what the sink says where the job goes on. It has the words of
     * {@link io.tributary.change.OffsetRange#lost}. By default the job ends.
     */
    protected String gap(JobID job, String table) throws Exception {
        return failure(job);
    }

    /** As a killed process: no catch of exceptions takes it. */
    private static final class Killed extends Error {
        Killed(Enum<?> step) {
            super(String.valueOf(step));
        }
    }

    private record FailAt(String step, int time) implements SinkSteps {
        @Override
        public void reached(String table, Enum<?> reached) {
            if (reached.name().equals(step) && REACHED.incrementAndGet() == time) {
                FAILED.incrementAndGet();
                throw new Killed(reached);
            }
        }
    }

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        folder = temporary;
        cluster = TestCluster.start(folder.resolve("kafka"), ports(), 1);
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void create() throws Exception {
        name = "sink" + ++tests;
        cluster.create(List.of(topic("one"), topic("two")));
    }

    @AfterEach
    void cancel() throws Exception {
        for (JobStatusMessage job : cluster.flink().listJobs().get()) {
            if (!job.getJobState().isGloballyTerminalState()) {
                cluster.cancel(job.getJobId());
            }
        }
    }

    private String topic(String table) {
        return name + ".public." + table;
    }

    private PipelineConfig config() {
        return PipelineFile.parse("""
                name: %1$s
                source: {bootstrap: '%2$s', topics: '%1$s\\.public\\..*'}
                sinks: {%3$s}
                """.formatted(name, cluster.bootstrap(), sinks()), Map.of(), Map.of());
    }

    private JobID submit(@Nullable String savepoint, SinkSteps steps) throws Exception {
        return cluster.submit(
                config(),
                2,
                savepoint == null ? SavepointRestoreSettings.none() : SavepointRestoreSettings.forPath(savepoint),
                false,
                steps);
    }

    private JobID submit(@Nullable String savepoint) throws Exception {
        return submit(savepoint, SinkSteps.NONE);
    }

    /** Rows from an offset to another, in both tables. */
    private void send(int from, int to) throws Exception {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap(), "max.in.flight.requests.per.connection", "1"),
                new StringSerializer(),
                new StringSerializer())) {
            for (int id = from; id < to; id++) {
                for (String table : List.of("one", "two")) {
                    sent.add(producer.send(new ProducerRecord<>(
                            topic(table), 0, "{\"id\":" + id + "}", """
                            {"before":null,"after":{"id":%1$d},"source":{"ts_ms":1750000000000,"schema":"public","table":"%2$s",\
                            "snapshot":"false","sequence":"[\\"%3$d\\",\\"%3$d\\"]","txId":%3$d},"op":"c","ts_ms":1}\
                            """.formatted(id, table, id + 1))));
                }
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }

    private static List<String> creates(int to) {
        return IntStream.range(0, to).mapToObj(offset -> "CREATE " + offset).toList();
    }

    /** All rows up to an offset are there, and each once, also after another checkpoint. */
    private void awaitRows(int to) throws Exception {
        for (String table : List.of("one", "two")) {
            await().atMost(SOON).ignoreExceptions().until(() -> rows(table).size() >= to);
            assertThat(rows(table)).containsExactlyInAnyOrderElementsOf(creates(to));
        }
    }

    /** What the job says as it ends by itself. */
    protected final String failure(JobID job) throws Exception {
        Throwable cause = cluster.flink()
                .requestJobResult(job)
                .get(SOON.toSeconds(), TimeUnit.SECONDS)
                .getSerializedThrowable()
                .orElseThrow()
                .deserializeError(getClass().getClassLoader());
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return String.valueOf(cause.getMessage());
    }

    @ParameterizedTest
    @MethodSource("steps")
    void aFailureAtAStepOfACommitLosesNothingAndRepeatsNothing(Enum<?> step) throws Exception {
        REACHED.set(0);
        FAILED.set(0);
        send(0, 50);
        submit(null, new FailAt(step.name(), 3));
        int sent = 50;
        while (FAILED.get() == 0) { // each checkpoint with rows comes to it, some of none do not
            awaitSize(sent);
            send(sent, sent + 50);
            sent += 50;
        }

        awaitRows(sent);
        assertThat(FAILED).hasValue(1);
    }

    private void awaitSize(int to) {
        await().atMost(SOON)
                .ignoreExceptions()
                .until(() -> FAILED.get() > 0 || rows("one").size() >= to);
    }

    @Test
    void aJobWithoutStateTakesWhatIsLacking() throws Exception {
        JobID first = submit(null);
        send(0, 50);
        awaitRows(50);
        cluster.cancel(first);
        send(50, 80);
        submit(null);

        awaitRows(80);
    }

    @Test
    void anOldSavepointGoesOnWhereTheSinkEnds() throws Exception {
        send(0, 20);
        JobID first = submit(null);
        awaitRows(20);
        String savepoint = cluster.stop(first, folder.resolve("savepoints"));
        send(20, 50);
        JobID second = submit(savepoint);
        awaitRows(50);
        cluster.cancel(second);
        send(50, 80);
        submit(savepoint);

        awaitRows(80);
    }

    @Test
    void aSinkThatWentBackIsAGapAndAJobWithoutStateFillsIt() throws Exception {
        send(0, 20);
        JobID first = submit(null);
        awaitRows(20);
        keep();
        send(20, 50);
        awaitRows(50);
        String savepoint = cluster.stop(first, folder.resolve("savepoints"));
        goBack();
        send(50, 60);
        JobID second = submit(savepoint);

        assertThat(gap(second, "one"))
                .contains("before offset 20 of " + name + ".public.", "at offset 50")
                .hasLineCount(1);
        assertThat(rows("one")).containsExactlyInAnyOrderElementsOf(creates(20));
    }

    /** Nothing comes that would show it: the job asks once whether the sink has what its savepoint says. */
    @Test
    void aSinkThatWentBackIsAGapAlsoWhereNothingComes() throws Exception {
        send(0, 20);
        JobID first = submit(null);
        awaitRows(20);
        keep();
        send(20, 50);
        awaitRows(50);
        String savepoint = cluster.stop(first, folder.resolve("savepoints"));
        goBack();

        assertThat(gap(submit(savepoint), "one"))
                .contains("before offset 20 of " + name + ".public.", "at offset 50")
                .hasLineCount(1);
    }

    /** It keeps which topics its rows are of. */
    @Test
    void aTopicThatWasMadeAnewIsNotTakenForTheOneThatTheSinkHas() throws Exception {
        send(0, 20);
        JobID first = submit(null);
        awaitRows(20);
        cluster.cancel(first);
        cluster.recreate(topic("one"), 1);

        assertThatThrownBy(() -> Preflight.check(config(), true))
                .hasMessageContaining("has rows of an earlier topic " + topic("one"));
    }

    @Test
    void itKnowsHowFarItComes() throws Exception {
        ConfiguredSink sink = config().sinks().values().iterator().next();
        assertThat(Objects.requireNonNull(sink.reach()).ends()).isEmpty();
        send(0, 30);
        submit(null);
        awaitRows(30);
        await().atMost(SOON).untilAsserted(() -> {
            Reach reach = Objects.requireNonNull(sink.reach());
            assertThat(reach.ends())
                    .isEqualTo(Map.of(
                            new SourcePartition(topic("one"), 0), 30L, new SourcePartition(topic("two"), 0), 30L));
            assertThat(reach.tables()).hasSize(2);
        });
        assertThat(Preflight.check(config(), true).sinks()).hasSize(1);
    }

    /** What commands see of it; nothing, if it has nothing to be seen. */
    @Test
    void itIsSeenAsItIs() throws Exception {
        send(0, 30);
        submit(null);
        awaitRows(30);
        SinkView view = config().sinks().values().iterator().next().view();
        assertThat(view != null).isEqualTo(isSeen());
        if (view == null) {
            return;
        }
        TableName table = new TableName("public", "one");
        assertThat(Stream.of(view.rows(), view.histories()).filter(Objects::nonNull))
                .isNotEmpty();
        assertThat(view.exempt(table)).isEmpty();
        await().atMost(SOON).untilAsserted(() -> assertThat(view.shown().get(view.nameOf(table.toString())))
                .isEqualTo(Map.of(new SourcePartition(topic("one"), 0), 30L)));
        List<String> wrong = new ArrayList<>();
        view.examine((Examination) Proxy.newProxyInstance(
                Examination.class.getClassLoader(), new Class<?>[] {Examination.class}, (self, method, arguments) -> {
                    if (method.getName().equals("wrong")) {
                        wrong.add(String.valueOf(arguments[0]));
                    } else if (method.getName().equals("count")) {
                        try (SinkCounts counts = (SinkCounts) arguments[0]) {
                            assertThat(counts.count(table)).isEqualTo(30);
                        }
                    }
                    return null;
                }));
        assertThat(wrong).isEmpty();
        for (SinkRows rows : Stream.of(view.rows(), view.histories())
                .filter(Objects::nonNull)
                .toList()) {
            try (rows) {
                await().atMost(SOON).untilAsserted(() -> {
                    assertThat(rows.columns(table, List.of("id", "none"))).containsOnlyKeys("id");
                    List<String> ids = new ArrayList<>();
                    rows.forEach(table, List.of("id"), (row, version) -> ids.add(String.valueOf(row.get("id"))));
                    assertThat(ids).hasSize(30).doesNotHaveDuplicates();
                });
            }
        }
    }
}
