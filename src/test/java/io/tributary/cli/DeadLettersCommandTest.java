package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.flow.DeadLetters;
import io.tributary.lake.LakeReader;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import io.tributary.local.TestTopics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bad records among good ones, through a real Kafka, the real job and the commands. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Server
class DeadLettersCommandTest {
    private static final long TIME = 1_750_000_000_000L;
    private static final int TEN_MEGABYTES = 10 << 20;

    @TempDir
    static Path kafkaFolder;

    private static KafkaBroker kafka;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws IOException {
        int port = Ports.free(29192);
        kafka = KafkaBroker.start(kafkaFolder, port, Ports.free(port + 1));
    }

    @AfterAll
    static void stop() {
        kafka.close();
    }

    private static String event(String table, int id) {
        return "{\"before\":null,\"after\":{\"id\":" + id + ",\"n\":\"1.5\"},\"source\":{\"ts_ms\":" + TIME
                + ",\"schema\":\"public\",\"table\":\"" + table + "\",\"snapshot\":\"false\"},\"op\":\"c\"}";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, int partition, int second, byte[] value) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, partition, TIME + second * 1000L, utf8("{\"id\": " + second + "}"), value);
        record.headers().add("source", utf8("a \"test\""));
        return record;
    }

    private static void write(String topic, int partitions, List<ProducerRecord<byte[], byte[]>> records)
            throws Exception {
        TestTopics.create(kafka.bootstrap(), TestTopics.topic(topic, partitions));
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", kafka.bootstrap());
        properties.put("max.request.size", 64 << 20);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (ProducerRecord<byte[], byte[]> record : records) {
                producer.send(record).get();
            }
        }
    }

    private Path pipeline(String name, String source, String more) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".yaml"), """
                name: %s
                source: {%s}
                tables: {public.one: {types: {n: "decimal(12,2)"}}}
                sinks:
                  lake: {path: "%s"}
                %s
                """.formatted(name, source, folder.resolve(name), more));
    }

    private static String topics(String pattern) {
        return "bootstrap: '" + kafka.bootstrap() + "', topics: '" + pattern + "'";
    }

    private Set<String> rows(String lake, TableName table) throws IOException {
        Set<String> rows = new TreeSet<>();
        new LakeReader("file:" + folder.resolve(lake)).forEach(table, row -> {
            Map<String, String> shown = new TreeMap<>();
            row.forEach((column, value) ->
                    shown.put(column, value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value)));
            assertThat(rows.add(shown.toString())).as("no row twice").isTrue();
        });
        return rows;
    }

    private static Map<String, JsonNode> letters(String topic) throws IOException {
        Map<String, JsonNode> letters = new TreeMap<>();
        try (KafkaConsumer<String, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", kafka.bootstrap(), "max.partition.fetch.bytes", 64 << 20),
                new StringDeserializer(),
                new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(info -> new TopicPartition(topic, info.partition()))
                    .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.getOrDefault(p, 0L))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    JsonNode letter = new ObjectMapper().readTree(record.value());
                    assertThat(new String(record.headers().lastHeader("reason").value(), StandardCharsets.UTF_8))
                            .isEqualTo(letter.get("reason").asText());
                    letters.put(record.key(), letter);
                }
            }
        }
        return letters;
    }

    @Test
    void badRecordsAreListedAndOnTheTopicAndARecordingGivesTheSameLake() throws Exception {
        byte[] noText = {(byte) 0xff, 0, '\n'};
        List<ProducerRecord<byte[], byte[]>> one = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            one.add(record("mix.public.one", i % 2, i, utf8(event("one", i))));
        }
        one.add(record("mix.public.one", 0, 21, noText)); // offset 10
        one.add(record("mix.public.one", 1, 20, utf8(event("one", 99).replace("1.5", "one and a half"))));
        write("mix.public.one", 2, one);
        byte[] large = utf8("[\"" + "x".repeat(TEN_MEGABYTES) + "\"]");
        write(
                "mix.public.two",
                1,
                List.of(
                        record("mix.public.two", 0, 30, utf8(event("two", 30))),
                        record("mix.public.two", 0, 31, utf8(" {\n\"id\": 1}")),
                        record("mix.public.two", 0, 32, utf8(event("two", 32))),
                        record("mix.public.two", 0, 33, large)));
        Path pipeline = pipeline("direct", topics("mix\\..*"), "  dead-letters: {topic: dead.letters}");

        assertThat(CommandResult.of("run", "--bounded", "--parallelism", "2", "--config", pipeline.toString())
                        .exit())
                .isZero();

        CommandResult list = CommandResult.of("dead-letters", "list", "--config", pipeline.toString());
        assertThat(list.exit()).isZero();
        assertThat(list.out().lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .startsWith("2025-06-15T15:07:00Z [mix.public.one-1@10] public.one value - column 'n'"),
                        line -> assertThat(line)
                                .startsWith("2025-06-15T15:07:01Z [mix.public.one-0@10] public.one not-json - "),
                        line -> assertThat(line)
                                .startsWith("2025-06-15T15:07:11Z [mix.public.two-0@1] public.two not-an-envelope - "),
                        line -> assertThat(line)
                                .startsWith("2025-06-15T15:07:13Z [mix.public.two-0@3] public.two not-an-envelope - "),
                        line -> assertThat(line).isEqualTo("4 dead letters: not-an-envelope 2, not-json 1, value 1"));
        CommandResult some = CommandResult.of(
                "dead-letters",
                "list",
                "--json",
                "--table",
                "public.one",
                "--limit",
                "1",
                "--config",
                pipeline.toString());
        assertThat(some.out().lines()).singleElement().satisfies(line -> {
            JsonNode letter = new ObjectMapper().readTree(line);
            assertThat(letter.get("key").asText()).isEqualTo("{\"id\": 21}");
            assertThat(letter.get("value").asText()).isEqualTo("\\xff000a");
            assertThat(letter.at("/headers/source").asText()).isEqualTo("a \"test\"");
            assertThat(letter.get("rule").isNull()).isTrue();
        });
        assertThat(CommandResult.of("dead-letters", "list", "--reason", "key", "--config", pipeline.toString()))
                .isEqualTo(new CommandResult(0, "no dead letters of reason key\n", ""));

        Map<String, JsonNode> letters = letters("dead.letters");
        assertThat(letters)
                .containsOnlyKeys(
                        "mix.public.one-0@10", "mix.public.one-1@10", "mix.public.two-0@1", "mix.public.two-0@3");
        JsonNode letter = Objects.requireNonNull(letters.get("mix.public.one-0@10"));
        assertThat(letter.get("value").binaryValue()).isEqualTo(noText);
        assertThat(letter.get("timestamp").asLong()).isEqualTo(TIME + 21_000);
        JsonNode tooLarge = Objects.requireNonNull(letters.get("mix.public.two-0@3"));
        assertThat(tooLarge.get("truncated").asBoolean()).isTrue();

        for (String name : List.of("recorded.jsonl", "recorded.jsonl.gz")) {
            Path file = folder.resolve(name);
            CommandResult recorded =
                    CommandResult.of("record", "--config", pipeline.toString(), "--to", file.toString());
            assertThat(recorded.exit()).as(recorded.err()).isZero();
            Path replay = pipeline("replay-" + name.length(), "file: '" + file + "'", "");
            assertThat(CommandResult.of("run", "--bounded", "--parallelism", "2", "--config", replay.toString())
                            .exit())
                    .isZero();
            for (TableName table :
                    List.of(new TableName("public", "one"), new TableName("public", "two"), DeadLetters.TABLE)) {
                assertThat(rows("replay-" + name.length(), table)).isNotEmpty().isEqualTo(rows("direct", table));
            }
        }
        Path few = folder.resolve("few.jsonl");
        assertThat(CommandResult.of(
                                "record",
                                "--bootstrap",
                                kafka.bootstrap(),
                                "--topics",
                                "mix.public.one",
                                "--limit",
                                "15",
                                "--to",
                                few.toString())
                        .exit())
                .isZero();
        assertThat(Files.readAllLines(few)).hasSize(15);
    }

    @Test
    void whatWasRolledBackIsNotRecordedNorWaitedFor() throws Exception {
        write("rolled.back", 1, List.of());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap(), "transactional.id", "t"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            producer.initTransactions();
            for (int i = 0; i < 4; i++) {
                producer.beginTransaction();
                producer.send(record("rolled.back", 0, i, utf8("{}"))).get();
                if (i % 2 == 0) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }
        Path file = folder.resolve("rolled-back.jsonl");
        assertThat(CommandResult.of(
                                "record",
                                "--bootstrap",
                                kafka.bootstrap(),
                                "--topics",
                                "rolled.*",
                                "--to",
                                file.toString())
                        .exit())
                .isZero();
        assertThat(Files.readAllLines(file))
                .extracting(
                        line -> new ObjectMapper().readTree(line).get("offset").asLong())
                .containsExactly(0L, 4L);
    }

    @Test
    void aBrokenSystemEndsTheJobForGood() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            records.add(record("broken.public.t", 0, i, utf8(i < 100 ? event("t", i) : "no JSON")));
        }
        write("broken.public.t", 1, records);
        Path pipeline = pipeline("broken", topics("broken\\..*"), "breaker: {least: 100}");

        // not bounded: it would run on for ever
        CommandResult run = CommandResult.of("run", "--config", pipeline.toString());

        assertThat(run.exit()).isEqualTo(Tributary.NO);
        assertThat(run.err())
                .hasLineCount(1)
                .startsWith(
                        "tributary: rejected 200 of the last 300 records of public.t in 60 s (breaker.share 0.5), most for"
                                + " reason 'not-json': [broken.public.t-0@299] ")
                .endsWith("; the job stops before it drains the topic\n");
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws Exception {
        Path noLake =
                Files.writeString(folder.resolve("no-lake.yaml"), "name: x\nsource: {file: y}\nsinks: {console: {}}\n");
        assertThat(CommandResult.of("dead-letters", "list", "--config", noLake.toString()))
                .isEqualTo(new CommandResult(
                        2, "", "tributary: 'sinks.lake' must be set: the dead letters are in the lake\n"));
        Path pipeline = pipeline("empty", topics("none"), "");
        assertThat(CommandResult.of("dead-letters", "list", "--config", pipeline.toString()))
                .isEqualTo(new CommandResult(
                        3,
                        "",
                        "tributary: cannot read the lake at 'sinks.lake.path' " + folder.resolve("empty")
                                + ": there is no such folder\n"));
        Files.createDirectory(folder.resolve("empty"));
        assertThat(CommandResult.of("dead-letters", "list", "--config", pipeline.toString()))
                .isEqualTo(new CommandResult(0, "no dead letters\n", ""));
        String to = folder.resolve("file.jsonl").toString();
        assertThat(CommandResult.of("record", "--config", pipeline.toString(), "--to", to))
                .isEqualTo(new CommandResult(2, "", "tributary: no topic at " + kafka.bootstrap() + " matches none\n"));
        assertThat(CommandResult.of("record", "--topics", "x", "--to", to))
                .isEqualTo(new CommandResult(
                        2,
                        "",
                        "tributary: '--bootstrap' and '--topics' must be set, or '--config' name a pipeline file that reads from"
                                + " Kafka\n"));
        assertThat(CommandResult.of("record", "--config", pipeline.toString()))
                .isEqualTo(new CommandResult(2, "", "tributary: '--to' must name a file\n"));
        String nobody = "127.0.0.1:" + Ports.free(29392);
        CommandResult unreachable = CommandResult.of("record", "--bootstrap", nobody, "--topics", "x", "--to", to);
        assertThat(unreachable.exit()).isEqualTo(3);
        assertThat(unreachable.err())
                .isEqualTo("tributary: cannot read from Kafka at " + nobody + ": no answer within 10 s\n");
        Path letters =
                pipeline("letters", topics("x"), "  dead-letters: {topic: d, bootstrap: '%s'}".formatted(nobody));
        assertThat(CommandResult.of("run", "--config", letters.toString()))
                .isEqualTo(new CommandResult(
                        3,
                        "",
                        "tributary: cannot reach Kafka at 'sinks.dead-letters.bootstrap' " + nobody
                                + ": no answer within 10 s\n"));
        try (var files = Files.list(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .doesNotContain("file.jsonl", "file.jsonl.part");
        }
    }

    @Test
    void aTopicThatTakesLessThanTheProducerSendsIsRefused() throws Exception {
        TestTopics.create(kafka.bootstrap(), TestTopics.topic("small", 1).configs(Map.of("max.message.bytes", "1000")));
        Path pipeline = pipeline("p", topics("x"), "  dead-letters: {topic: small}");
        assertThat(CommandResult.of("run", "--config", pipeline.toString()))
                .isEqualTo(new CommandResult(
                        2,
                        "",
                        "tributary: 'sinks.dead-letters.properties.max.request.size' must be at most the max.message.bytes of the"
                                + " topic 'small', which is 1000, got 1048576\n"));
    }
}
