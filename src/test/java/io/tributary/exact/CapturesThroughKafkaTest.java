package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.Server;
import io.tributary.account.Account;
import io.tributary.account.AccountAccumulator;
import io.tributary.change.Column;
import io.tributary.change.Operation;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.exact.Event.Cell;
import io.tributary.flow.Tally.Counter;
import io.tributary.lake.LakeReader;
import io.tributary.local.TestCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.util.OptionalFailure;
import org.apache.flink.util.SerializedValue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.assertj.core.api.ListAssert;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Recordings through a real Kafka and the job at parallelism 4 on two TaskManagers, stopped with a savepoint in the middle
 * and restored at parallelism 3: the lake's history folds to what {@link ExactTest} wants of the rooms alone.
 */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
@Server
class CapturesThroughKafkaTest {
    /** Of one place in the source; an update of a row without a key is a delete and a create. */
    private static final String ORDER = "tdcru";

    @TempDir
    static Path shared;

    private static TestCluster cluster;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestCluster.start(shared.resolve("kafka"), 29492, 2);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    /** All recordings share a broker: the connector's prefix becomes another one for each. */
    private static String topic(String recorded, String prefix) {
        return recorded.startsWith("cap.")
                ? prefix + recorded.substring(3)
                : recorded.endsWith(".cap")
                        ? recorded.substring(0, recorded.length() - 3) + prefix
                        : recorded + "_" + prefix;
    }

    private static void create(List<RawRecord> records, String prefix) throws Exception {
        cluster.create(
                records.stream().map(record -> topic(record.topic, prefix)).collect(Collectors.toSet()));
    }

    private static void send(List<RawRecord> records, String prefix) throws Exception {
        List<Future<RecordMetadata>> sends = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                // several batches in flight to a topic just made may come out of order, and its producer never gets
                // over that
                Map.of("bootstrap.servers", cluster.bootstrap(), "max.in.flight.requests.per.connection", 1),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (RawRecord record : records) {
                ProducerRecord<byte[], byte[]> sent =
                        new ProducerRecord<>(topic(record.topic, prefix), 0, record.key, record.value);
                record.headers.forEach(header -> sent.headers().add(header.name(), header.value()));
                sends.add(producer.send(sent));
            }
            for (Future<RecordMetadata> sent : sends) {
                sent.get();
            }
        }
    }

    /** Waits until the job has read so many records, then stops it with a savepoint. */
    private String stop(JobID job, long records) throws Exception {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> read(job) == records);
        return cluster.stop(job, folder.resolve("savepoints"));
    }

    private static long read(JobID job) throws Exception {
        SerializedValue<OptionalFailure<Object>> account = cluster.flink()
                .getExecutionGraph(job)
                .get()
                .getAccumulatorsSerialized()
                .get(AccountAccumulator.NAME);
        if (account == null) {
            return -1;
        }
        Object value = account.deserializeValue(CapturesThroughKafkaTest.class.getClassLoader())
                .get();
        return ((Account) value).total(Counter.READ);
    }

    /** Each once, its two forms in turns. */
    static Stream<Capture> captures() {
        Capture.Form[] forms = Capture.Form.values();
        return IntStream.range(0, Capture.NAMES.size())
                .mapToObj(i -> new Capture(Capture.NAMES.get(i), forms[i % forms.length]));
    }

    @ParameterizedTest
    @MethodSource("captures")
    void historyIsExactAfterASavepointAndARescale(Capture capture) throws Exception {
        List<RawRecord> records = capture.records();
        int half = records.size() / 2;
        String prefix = "c" + Integer.toHexString(capture.hashCode());
        String lake = folder.resolve("lake").toString();
        PipelineConfig config = capture.pipeline(
                "{bootstrap: '" + cluster.bootstrap() + "', topics: '.*" + prefix + ".*'" + capture.unavailable() + "}",
                lake);
        create(records, prefix);

        send(records.subList(0, half), prefix);
        String savepoint = stop(cluster.submit(config, 4, SavepointRestoreSettings.none()), half);
        send(records.subList(half, records.size()), prefix);
        stop(cluster.submit(config, 3, SavepointRestoreSettings.forPath(savepoint)), records.size());

        try (Replay replay = Replay.of(capture)) {
            LakeReader reader = new LakeReader("file:" + lake);
            List<String> known = Known.lines(capture).stream()
                    .filter(line -> !line.contains(" !")) // the account's
                    .toList();
            assertDifferences(capture, history(reader, replay.history())).containsExactlyInAnyOrderElementsOf(known);
            // a key that was altered is another to whoever folds the history: not to the changelog
            assertDifferences(capture, current(reader.current(), replay.history()))
                    .isSubsetOf(known);
        }
    }

    private static ListAssert<String> assertDifferences(Capture capture, List<Event> history) throws IOException {
        List<String> cells = new ArrayList<>();
        Map<String, Long> found = ExactTest.differences(capture, history, cells);
        List<String> lines = new ArrayList<>();
        found.forEach((what, count) -> lines.add(capture + " " + what + " " + count));
        return assertThat(lines).as(String.join("\n", cells));
    }

    /** The rows that the lake has now, as if each had been made and never changed. */
    private static List<Event> current(LakeReader lake, List<Event> reference) throws IOException {
        List<Event> rows = new ArrayList<>();
        for (Map.Entry<TableName, List<String>> table : keys(reference).entrySet()) {
            Map<String, Column> columns = lake.columns(table.getKey());
            lake.forEach(
                    table.getKey(),
                    row -> rows.add(new Event(
                            table.getKey(),
                            Operation.CREATE,
                            "",
                            0,
                            rows.size(),
                            table.getValue(),
                            null,
                            image(row, columns))));
        }
        return rows;
    }

    private static Map<TableName, List<String>> keys(List<Event> reference) {
        Map<TableName, List<String>> keys = new LinkedHashMap<>();
        reference.forEach(event -> keys.put(event.table(), event.key()));
        return keys;
    }

    private static Map<String, Cell> image(Map<String, @Nullable Object> row, Map<String, Column> columns) {
        Map<String, Cell> image = new HashMap<>();
        columns.forEach((name, column) -> image.put(column.name(), new Cell(column.type(), row.get(name))));
        return image;
    }

    /** The lake's rows in the source's order; of the reference only which tables there are, and their keys. */
    private static List<Event> history(LakeReader lake, List<Event> reference) throws IOException {
        List<Event> history = new ArrayList<>();
        for (Map.Entry<TableName, List<String>> table : keys(reference).entrySet()) {
            Map<String, Column> columns = lake.columns(table.getKey());
            lake.forEach(table.getKey(), row -> {
                Map<String, Cell> image = image(row, columns);
                Operation operation = operation(String.valueOf(row.get("_op")));
                history.add(new Event(
                        table.getKey(),
                        operation,
                        String.valueOf(row.get("_topic")),
                        (Integer) Objects.requireNonNull(row.get("_partition")),
                        (Long) Objects.requireNonNull(row.get("_offset")),
                        table.getValue(),
                        operation == Operation.DELETE ? image : null,
                        image));
            });
        }
        history.sort(Comparator.comparing(Event::topic)
                .thenComparingLong(Event::offset)
                .thenComparingInt(event -> ORDER.indexOf(event.operation().code())));
        return history;
    }

    private static Operation operation(String code) {
        for (Operation operation : Operation.values()) {
            if (code.equals(String.valueOf(operation.code()))) {
                return operation;
            }
        }
        throw new AssertionError("no operation: " + code);
    }
}
