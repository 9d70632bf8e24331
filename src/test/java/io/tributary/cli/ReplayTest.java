package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.Preflight;
import io.tributary.Server;
import io.tributary.change.RawRecord;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.decode.DecodeSettings;
import io.tributary.lake.LakeReader;
import io.tributary.local.TestCluster;
import io.tributary.source.TopicReader;
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
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
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
@Server
class ReplayTest {
    private static final String CANARY = "canary-7f3a";

    @TempDir
    static Path shared;

    private static TestCluster cluster;

    @TempDir
    Path folder;

    private int lsn = 10;

    @BeforeAll
    static void start() throws Exception {
        cluster = TestCluster.start(shared.resolve("kafka"), 29692, 1);
    }

    @AfterAll
    static void stop() throws Exception {
        cluster.close();
    }

    private Path pipeline(String name, String more) throws IOException {
        return Files.writeString(folder.resolve(name + ".yaml"), """
                name: %s
                source: {bootstrap: '%s', topics: '%s\\..*'}
                sinks: {lake: {path: '%s'}, dead-letters: {topic: 'dead.%s'}}
                %s
                """.formatted(
                        name, cluster.bootstrap(), name, folder.resolve(name), name, more));
    }

    private static JobID submit(Path pipeline) throws Exception {
        return submit(pipeline, SavepointRestoreSettings.none());
    }

    private static JobID submit(Path pipeline, SavepointRestoreSettings from) throws Exception {
        PipelineConfig config = PipelineFile.read(pipeline, Map.of(), Map.of());
        Preflight.check(config, true);
        return cluster.submit(config, 2, from);
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
        cluster.create(List.of(topic));
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrap()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (int i = 0; i < keysAndValues.size(); i += 2) {
                String key = keysAndValues.get(i);
                producer.send(new ProducerRecord<>(topic, bytes(key), bytes(keysAndValues.get(i + 1))))
                        .get();
            }
        }
    }

    private static byte @Nullable [] bytes(String text) {
        return text.isEmpty() ? null : text.getBytes(StandardCharsets.UTF_8);
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
        cluster.cancel(job);

        // a fresh job over the same lake adds nothing; over a new one it has the repaired changes at their places
        JobID fresh = submit(pipeline);
        Path other = folder.resolve("other.yaml");
        Files.writeString(
                other,
                Files.readString(pipeline)
                        .replace("path: '" + folder.resolve("fix"), "path: '" + folder.resolve("other")));
        cluster.cancel(fresh);
        JobID second = submit(other);
        await().atMost(Duration.ofSeconds(60)).until(() -> rows("other"), rows -> rows.contains("4 new"));
        cluster.cancel(second);
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
        cluster.cancel(job);
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
        cluster.cancel(fresh);

        JobID another = submit(pipeline);
        send(
                "idle.public.other",
                List.of("{\"id\":1}", event("c", "{\"id\":1,\"v\":\"x\"}").replace("\"t\"", "\"o\"")));
        await().atMost(Duration.ofSeconds(60)).until(() -> !HistoryRows.of(folder.resolve("idle"), "public", "o", "id")
                .isEmpty());
        cluster.cancel(another);
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
        String savepoint = cluster.stop(job, folder.resolve("savepoints"));
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
        Path savepoints = folder.resolve("savepoints");
        cluster.stop(second, savepoints);

        assertThat(offered("dead.pii")).isNotEmpty().noneMatch(value -> value.contains(CANARY));
        String hash = rows("pii").get(0).substring(2);
        assertThat(files(savepoints, hash))
                .as("the row is in the savepoint, as it may be")
                .isNotEmpty();
        assertThat(files(savepoints, CANARY)).isEmpty();
        assertThat(files(folder.resolve("pii"), CANARY)).isEmpty();
        Path log = Path.of(System.getProperty("test.log", "target/test.log"));
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
                Map.of("bootstrap.servers", cluster.bootstrap()),
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

    private static TopicReader reader() {
        return new TopicReader(cluster.bootstrap(), Map.of(), progress -> {});
    }

    private static RawRecord record(String topic, long offset, String key, String value) {
        return new RawRecord()
                .set(topic, 0, offset, 0, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8));
    }

    /** An exception would restart the job, for ever. */
    @Test
    void aRecordThatIsGoneIsNone() throws Exception {
        send("gone.public.t", List.of("{\"id\":1}", event("c", "{\"id\":1}")));

        assertThat(reader().fetch("gone.public.t", 0, 0)).isNotNull();
        assertThat(reader().fetch("gone.public.t", 0, 1)).isNull();
        assertThat(reader().fetch("gone.public.t", 7, 0)).isNull();
        assertThat(reader().fetch("never.made", 0, 0)).isNull();
        assertThat(reader().fetch("", 0, 0)).isNull();
        assertThat(reader().fetch("no topic's name", 0, 0)).isNull();
    }

    @Test
    void theTopicTellsWhatCameAfterALetterWhoseKeyWasNotRead() throws Exception {
        String topic = "scan.public.t";
        send(
                topic,
                List.of(
                        "", "broken",
                        "{\"id\":1}", "",
                        "", "broken too",
                        "{\"id\":3}", "{\"id\":3,\"v\":\"a\"}",
                        "", "broken as well",
                        "{\"id\":4}", "{\"id\":4,\"v\":\"a\"}"));
        KeyScan scan = new KeyScan(DecodeSettings.NONE);
        scan.add(false, record(topic, 0, "{\"id\":1}", "{\"id\":1,\"v\":\"b\"}"));
        scan.add(false, record(topic, 2, "{\"id\":2}", "{\"id\":2,\"v\":\"b\"}"));
        scan.read(reader());
        assertThat(scan.changedAt("[" + topic + "-0@0]")).as("a tombstone").isEqualTo("[" + topic + "-0@1]");
        assertThat(scan.changedAt("[" + topic + "-0@2]")).isEmpty();
        assertThat(scan.unchangedTo("[" + topic + "-0@2]"))
                .as("4 may be of any key")
                .isEqualTo(-1);

        KeyScan all = new KeyScan(DecodeSettings.NONE);
        all.add(false, record(topic, 2, "{\"id\":2}", "{\"id\":2,\"v\":\"b\"}"));
        all.add(false, record(topic, 4, "{\"id\":5}", "{\"id\":5,\"v\":\"b\"}"));
        all.read(reader());
        assertThat(all.unchangedTo("[" + topic + "-0@2]"))
                .as("4 is repaired too")
                .isEqualTo(6);
    }
}
