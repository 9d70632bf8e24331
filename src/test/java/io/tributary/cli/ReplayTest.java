package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.Pipeline;
import io.tributary.Preflight;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.lake.LakeReader;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Dead letters offered again to a running job, over a real Kafka. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReplayTest {
    private static final String CANARY = "canary-7f3a";

    @TempDir
    static Path shared;

    private static KafkaBroker kafka;
    private static MiniCluster flink;

    @TempDir
    Path folder;

    private int lsn = 10;

    @BeforeAll
    static void start() throws Exception {
        int port = Ports.free(29692);
        kafka = KafkaBroker.start(shared.resolve("kafka"), port, Ports.free(port + 1));
        flink = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .withRandomPorts()
                .build());
        flink.start();
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        kafka.close();
    }

    private Path pipeline(String name, String more) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), """
                name: %s
                source: {bootstrap: '%s', topics: '%s\\..*'}
                sinks: {lake: {path: '%s'}, dead-letters: {topic: 'dead.%s'}}
                %s
                """.formatted(
                        name, kafka.bootstrap(), name, folder.resolve(name), name, more));
    }

    private static JobID submit(Path pipeline) throws Exception {
        return submit(pipeline, SavepointRestoreSettings.none());
    }

    private static JobID submit(Path pipeline, SavepointRestoreSettings from) throws Exception {
        Preflight.check(PipelineFile.read(pipeline, Map.of(), Map.of()), true);
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(200));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2, settings);
        PipelineConfig config = PipelineFile.read(pipeline, Map.of(), Map.of());
        Pipeline.build(env, config, false);
        JobGraph job = env.getStreamGraph().getJobGraph();
        job.setSavepointRestoreSettings(from);
        return flink.submitJob(job).get().getJobID();
    }

    private static void cancel(JobID job) throws Exception {
        flink.cancelJob(job).get();
        flink.requestJobResult(job).get();
    }

    private String stop(JobID job) throws Exception {
        String savepoint = flink.stopWithSavepoint(
                        job, folder.resolve("savepoints").toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get();
        flink.requestJobResult(job).get();
        return savepoint;
    }

    private String event(String op, String after) {
        return event(lsn++, op, after);
    }

    private static String event(int event, String op, String after) {
        return "{\"before\":null,\"after\":" + after
                + ",\"source\":{\"ts_ms\":1750000000000,\"schema\":\"public\",\"table\":\"t\","
                + "\"snapshot\":\"false\",\"sequence\":\"[\\\"" + (event - 1) + "\\\",\\\"" + event
                + "\\\"]\"},\"op\":\""
                + op + "\"}";
    }

    private static void send(String topic, List<String> keysAndValues) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1))).all().get();
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < keysAndValues.size(); i += 2) {
                String key = keysAndValues.get(i);
                producer.send(new ProducerRecord<>(
                                topic,
                                key.isEmpty() ? null : key.getBytes(StandardCharsets.UTF_8),
                                keysAndValues.get(i + 1).getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
    }

    private static CommandResult letters(String what, Path pipeline, String... more) {
        List<String> args = new ArrayList<>(List.of("dead-letters", what, "--config", pipeline.toString()));
        args.addAll(List.of(more));
        return CommandResult.of(args.toArray(String[]::new));
    }

    private static void awaitLetters(Path pipeline, int count) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> letters("list", pipeline).out().contains("\n" + count + " dead letters: "));
    }

    /** The table as the lake's history gives it: by key the newest row by place. */
    private List<String> rows(String lake) throws IOException {
        return HistoryRows.of(folder.resolve(lake), "public", "t", "id", "v");
    }

    @Test
    void repairedChangesAreAppliedWhereTheirKeyHasNotChangedSince() throws Exception {
        String rules = "tables: {public.t: {types: {id: int32, v: text}, rules: {v: {max-length: 5}}}}";
        Path pipeline = pipeline("fix", rules);
        String broken = event(16, "c", "{\"id\":4,\"v\":\"new\"}");
        send(
                "fix.public.t",
                List.of(
                        "{\"id\":1}", event("c", "{\"id\":1,\"v\":\"a\"}"),
                        "{\"id\":2}", event("c", "{\"id\":2,\"v\":\"b\"}"),
                        "{\"id\":1}", event("u", "{\"id\":1,\"v\":\"too long\"}"), // 2
                        "{\"id\":2}", event("u", "{\"id\":2,\"v\":\"too long\"}"), // 3
                        "{\"id\":2}", event("u", "{\"id\":2,\"v\":\"later\"}"),
                        "{\"id\":3}", "{\"broken", // 5
                        "", broken.substring(0, 40), // 6
                        "{\"id\":9}", event(17, "c", "{\"id\":9,\"v\":\"z\"}"),
                        "{\"id\":9}",
                                event(18, "d", "null")
                                        .replace("\"before\":null", "\"before\":{\"id\":9,\"v\":\"z\"}")));
        JobID job = submit(pipeline);
        awaitLetters(pipeline, 4);

        CommandResult records = letters("list", pipeline, "--records");
        assertThat(records.out().lines()).hasSize(4);
        Path patch = folder.resolve("patch.jsonl");
        Files.writeString(patch, """
                {"topic":"fix.public.t","partition":0,"offset":2,"key":{"id":1},"value":%s}
                {"topic":"fix.public.t","partition":0,"offset":3,"key":{"id":2},"value":%s}
                {"topic":"fix.public.t","partition":0,"offset":5,"key":{"id":3},"value":%s}
                {"topic":"fix.public.t","partition":0,"offset":6,"key":{"id":4},"value":%s}
                """.formatted(
                        records.out()
                                .lines()
                                .filter(line -> line.contains("\"offset\":2,"))
                                .findFirst()
                                .orElseThrow()
                                .replaceAll(".*\"value\":(.*)}$", "$1")
                                .replace("too long", "fixed"),
                        event(13, "u", "{\"id\":2,\"v\":\"old\"}"),
                        event(15, "c", "{\"id\":3,\"v\":\"mend\"}"),
                        broken));
        CommandResult replay = letters("replay", pipeline, "--patch", patch.toString());

        assertThat(replay.out().lines().sorted())
                .as(replay.err())
                .satisfiesExactly(
                        line -> assertThat(line).isEqualTo("4 dead letters: applied 3, superseded 1"),
                        line -> assertThat(line).isEqualTo("[fix.public.t-0@2] applied"),
                        line -> assertThat(line).startsWith("[fix.public.t-0@3] superseded: "),
                        line -> assertThat(line).isEqualTo("[fix.public.t-0@5] applied"),
                        line -> assertThat(line).isEqualTo("[fix.public.t-0@6] applied"));
        assertThat(replay.exit()).isEqualTo(Tributary.NO);
        assertThat(rows("fix")).containsExactly("1 fixed", "2 later", "3 mend", "4 new");

        CommandResult again = letters("replay", pipeline, "--patch", patch.toString());
        assertThat(again.out().lines().filter(line -> line.endsWith("applied already")))
                .hasSize(3);
        cancel(job);

        // a fresh job over the same lake adds nothing; over a new one it has the repaired changes at their places
        JobID fresh = submit(pipeline);
        Path other = folder.resolve("other.yaml");
        Files.writeString(
                other,
                Files.readString(pipeline)
                        .replace("path: '" + folder.resolve("fix"), "path: '" + folder.resolve("other")));
        cancel(fresh);
        JobID second = submit(other);
        await().atMost(Duration.ofSeconds(60)).until(() -> rows("other"), rows -> rows.contains("4 new"));
        cancel(second);
        assertThat(rows("fix")).containsExactly("1 fixed", "2 later", "3 mend", "4 new");
        assertThat(rows("other")).containsExactly("1 fixed", "2 later", "3 mend", "4 new");
        CommandResult explained = CommandResult.of("explain", "public.t", "1", "--config", pipeline.toString());
        assertThat(explained.out())
                .contains("rejected, rule v.max-length", "offered again: applied")
                .contains("now: id=1, v: fixed");
    }

    /** A fresh job reads all anew: what was offered while none ran comes after what the lake has. */
    @Test
    void whatWasOfferedWhileNoJobRanIsTakenByAFreshOne() throws Exception {
        Path pipeline =
                pipeline("idle", "tables: {public.t: {types: {id: int32, v: text}, rules: {v: {max-length: 5}}}}");
        List<String> events = new ArrayList<>();
        for (int id = 1; id <= 50; id++) {
            events.addAll(List.of("{\"id\":" + id + "}", event("c", "{\"id\":" + id + ",\"v\":\"a\"}")));
        }
        String update = event("u", "{\"id\":7,\"v\":\"too long\"}");
        events.addAll(List.of("{\"id\":7}", update)); // 50
        events.addAll(List.of("{\"id\":8}", event("u", "{\"id\":8,\"v\":\"b\"}")));
        send("idle.public.t", events);
        JobID job = submit(pipeline);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> letters("list", pipeline).out().contains("1 dead letters"));
        cancel(job);
        Path patch = Files.writeString(
                folder.resolve("patch.jsonl"),
                "{\"topic\":\"idle.public.t\",\"partition\":0,\"offset\":50,\"key\":{\"id\":7},\"value\":"
                        + update.replace("too long", "mend") + "}\n");
        assertThat(letters("replay", pipeline, "--patch", patch.toString(), "--wait", "1s")
                        .exit())
                .isEqualTo(Tributary.UNREACHABLE);

        JobID fresh = submit(pipeline);
        await().atMost(Duration.ofSeconds(60))
                .until(() ->
                        letters("replay", pipeline, "--patch", patch.toString()).exit() == 0);
        assertThat(rows("idle")).hasSize(50).contains("7 mend", "8 b");
        cancel(fresh);

        JobID another = submit(pipeline);
        send(
                "idle.public.other",
                List.of("{\"id\":1}", event("c", "{\"id\":1,\"v\":\"x\"}").replace("\"t\"", "\"o\"")));
        await().atMost(Duration.ofSeconds(60)).until(() -> !HistoryRows.of(folder.resolve("idle"), "public", "o", "id")
                .isEmpty());
        cancel(another);
        assertThat(history("idle", 50)).as("once, whatever is read anew").isEqualTo(1);
    }

    /** How many rows of the history have the offset. */
    private long history(String lake, long offset) throws IOException {
        long[] count = {0};
        new LakeReader("file:" + folder.resolve(lake)).forEach(new TableName("public", "t"), row -> {
            count[0] += Objects.equals(row.get("_offset"), offset) ? 1 : 0;
        });
        return count[0];
    }

    @Test
    void whatMustNotBeStoredIsReadAgainFromTheTopic() throws Exception {
        Path pipeline = pipeline("pii", """
                tables: {public.t: {types: {id: int32, v: text}, columns: {v: hash}, rules: {n: {required: true}}}}
                privacy: {secret: 'sixteen characters'}
                """);
        send("pii.public.t", List.of("{\"id\":1}", event("c", "{\"id\":1,\"v\":\"" + CANARY + "\"}")));
        JobID job = submit(pipeline);
        awaitLetters(pipeline, 1);
        String savepoint = stop(job);
        Path patch = Files.writeString(
                folder.resolve("patch.jsonl"),
                "{\"topic\":\"pii.public.t\",\"partition\":0,\"offset\":0,\"key\":{\"id\":1},\"value\":{}}\n");
        assertThat(letters("replay", pipeline, "--patch", patch.toString()))
                .satisfies(refused -> assertThat(refused.exit()).isEqualTo(Tributary.WRONG_USE))
                .satisfies(refused -> assertThat(refused.err()).contains("columns that must not be stored"));

        CommandResult silent = letters("replay", pipeline, "--wait", "1s");
        assertThat(silent.exit()).as(silent.err()).isEqualTo(Tributary.UNREACHABLE);
        assertThat(silent.err()).contains("no answer within 1 s to 1 dead letters");
        assertThat(offered("tributary-pii.replays")).hasSize(1).noneMatch(value -> value.contains(CANARY));

        // with the rule gone the offset is read again: the topic itself is read from the savepoint on
        Files.writeString(pipeline, Files.readString(pipeline).replace(", rules: {n: {required: true}}", ""));
        JobID second = submit(pipeline, SavepointRestoreSettings.forPath(savepoint));
        await().atMost(Duration.ofSeconds(60)).until(() -> rows("pii").size() == 1);
        CommandResult done = letters("replay", pipeline);
        assertThat(done.out()).as(done.err()).contains("applied already");
        assertThat(rows("pii")).singleElement().asString().doesNotContain(CANARY);
        stop(second);
        Path savepoints = folder.resolve("savepoints");

        assertThat(offered("dead.pii")).isNotEmpty().noneMatch(value -> value.contains(CANARY));
        String hash = rows("pii").get(0).substring(2);
        assertThat(files(savepoints, hash))
                .as("the row is in the savepoint, as it may be")
                .isNotEmpty();
        assertThat(files(savepoints, CANARY)).isEmpty();
        assertThat(files(folder.resolve("pii"), CANARY)).isEmpty();
        Path log = Path.of("target/test.log");
        assertThat(files(log, "Job " + second)).as("the log is of this job").isNotEmpty();
        assertThat(files(log, CANARY)).isEmpty();
    }

    /** The files that have the text. */
    private static List<Path> files(Path folder, String text) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> found = new ArrayList<>();
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                if (Files.readString(file, StandardCharsets.ISO_8859_1).contains(text)) {
                    found.add(file);
                }
            }
            return found;
        }
    }

    private static List<String> offered(String topic) {
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<byte[], byte @Nullable []> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).getOrDefault(partition, 0L);
            while (consumer.position(partition) < end) {
                consumer.poll(Duration.ofMillis(200))
                        .forEach(record -> values.add(new String(record.value(), StandardCharsets.UTF_8)));
            }
        }
        return values;
    }
}
