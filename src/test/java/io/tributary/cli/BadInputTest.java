package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of bad input through a real Kafka and the real job: it ends well, and each record is somewhere. */
@Server
class BadInputTest {
    private static final String TOPIC = "cdc.public.t";
    private static final int TEN_MEGABYTES = 10 << 20;

    @TempDir
    Path folder;

    private final List<String> values = new ArrayList<>();
    /** Reason of the rejection by offset. */
    private final Map<Long, String> expected = new TreeMap<>();

    private void good(String value) {
        values.add(value);
    }

    private void bad(String reason, String value) {
        expected.put((long) values.size(), reason);
        values.add(value);
    }

    private static String event(String table, String row) {
        return "{\"before\":null,\"after\":" + row
                + ",\"source\":{\"ts_ms\":1750000000000,\"schema\":\"public\",\"table\":\"" + table
                + "\",\"snapshot\":\"false\"},\"op\":\"c\"}";
    }

    @Test
    void eachBadRecordIsInRejectedWithReasonAndPlaceOrHandled() throws Exception {
        String whole = event("t", "{\"id\":1,\"n\":\"1.5\",\"v\":\"first\"}");
        good(whole);
        bad("not-json", "no JSON at all");
        bad("not-an-envelope", "{\"id\":1}");
        bad("not-an-envelope", "[1,2]");
        bad("not-json", whole.substring(0, whole.length() - 20));
        good(event("t", "{\"id\":2,\"n\":null,\"v\":\"" + "x".repeat(TEN_MEGABYTES) + "\"}"));
        good(event("t", "{\"id\":3,\"n\":null,\"v\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}"));
        bad("not-an-envelope", "[".repeat(10_000) + "]".repeat(10_000));
        bad("value", event("t", "{\"id\":4,\"n\":\"" + "9".repeat(100_000) + "\",\"v\":null}"));
        good(event("t", "{\"id\":5,\"n\":null,\"v\":" + "9".repeat(100_000) + "}"));
        good(event("../../x", "{\"id\":6}"));
        bad("operation", whole.replace("\"op\":\"c\"", "\"op\":\"z\""));
        good(event("t", "{\"id\":7,\"n\":\"2\",\"v\":\"last\"}"));

        int exit = runOverKafka();

        assertThat(exit).isZero();
        assertThat(rejected()).isEqualTo(expected);
        LakeReader lake = new LakeReader("file:" + folder.resolve("lake"));
        Map<Long, Integer> lengths = new TreeMap<>();
        lake.forEach(
                new TableName("public", "t"),
                row -> lengths.put(
                        Long.parseLong(String.valueOf(row.get("id"))),
                        String.valueOf(row.get("v")).length()));
        assertThat(lengths).isEqualTo(Map.of(1L, 5, 2L, TEN_MEGABYTES, 3L, 20_000, 5L, 100_000, 7L, 4));
        assertThat(folder.resolve("lake/raw-kafka-data/public...~2F..~2Fx/_delta_log"))
                .isDirectory();
        assertThat(folder.resolve("x")).doesNotExist();
    }

    private int runOverKafka() throws Exception {
        int port = Ports.free(29_792);
        try (KafkaBroker kafka = KafkaBroker.start(folder.resolve("kafka"), port, Ports.free(port + 1))) {
            TestTopics.create(kafka.bootstrap(), TestTopics.topic(TOPIC, 1));
            write(kafka.bootstrap());
            Path config = Files.writeString(
                    folder.resolve("p.yaml"), """
                    name: bad
                    source: {bootstrap: "%s", topics: 'cdc\\..*'}
                    tables: {public.t: {key: [id], types: {n: "decimal(12,2)"}}}
                    sinks: {lake: {path: "%s"}}
                    """.formatted(kafka.bootstrap(), folder.resolve("lake")));
            return Tributary.commandLine().execute("run", "--bounded", "--config", config.toString());
        }
    }

    private void write(String bootstrap) throws Exception {
        Map<String, Object> properties = new HashMap<>();
        properties.put("bootstrap.servers", bootstrap);
        properties.put("max.request.size", 64 << 20);
        properties.put("buffer.memory", 128L << 20);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                producer.send(new ProducerRecord<>(TOPIC, value.getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
    }

    private Map<Long, String> rejected() throws IOException {
        Map<Long, String> found = new TreeMap<>();
        new LakeReader("file:" + folder.resolve("lake")).forEach(DeadLetters.TABLE, row -> {
            Long offset = java.util.Objects.requireNonNull((Long) row.get("offset"));
            assertThat(row.get("topic")).isEqualTo(TOPIC);
            assertThat(text(row.get("detail"))).startsWith("[" + TOPIC + "-0@" + offset + "] ");
            byte[] value = (byte[]) row.get("value");
            assertThat(value).isEqualTo(values.get(offset.intValue()).getBytes(StandardCharsets.UTF_8));
            found.put(offset, text(row.get("reason")));
        });
        return found;
    }

    private static String text(@Nullable Object value) {
        return String.valueOf(value);
    }
}
