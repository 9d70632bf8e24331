package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import io.tributary.local.TestTopics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code explain} over recorded events, and over a real topic that has forgotten its beginning. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
@Server
class ExplainCommandTest {
    private static final long TIME = 1_750_000_000_000L;
    private static final String UNAVAILABLE = "__debezium_unavailable_value";
    private static final String KEY_OF_TWO = "{\"a\":1,\"b\":\"x, y\"}";

    @TempDir
    Path folder;

    private static String row(int id, String amount, String note) {
        return "{\"id\":" + id + ",\"amount\":\"" + amount + "\",\"note\":\"" + note + "\"}";
    }

    private static String event(String op, long lsn, String before, String after) {
        return event("orders", op, lsn, before, after);
    }

    private static String event(String table, String op, long lsn, String before, String after) {
        return "{\"before\":" + before + ",\"after\":" + after + ",\"source\":{\"connector\":\"postgresql\",\"ts_ms\":"
                + TIME
                + ",\"schema\":\"shop\",\"table\":\"" + table
                + "\",\"snapshot\":\"false\",\"sequence\":\"[\\\"" + (lsn - 10) + "\\\",\\\"" + lsn + "\\\"]\",\"lsn\":"
                + lsn
                + "},\"op\":\"" + op + "\"}";
    }

    private static String line(int offset, String headers, String key, String value) {
        return "{\"topic\":\"s.shop.orders\",\"partition\":0,\"offset\":" + offset + ",\"timestamp\":" + (TIME + offset)
                + ",\"headers\":{" + headers + "},\"key\":" + key + ",\"value\":" + value + "}";
    }

    private static String line(int offset, int id, String value) {
        return line(offset, "", "{\"id\":" + id + "}", value);
    }

    private Path pipeline(String source) throws IOException {
        return Files.writeString(folder.resolve("pipeline.yaml"), """
                name: explained
                source: {%s}
                tables:
                  shop.orders:
                    types: {amount: "decimal(12,2)"}
                    rules: {amount: {min: 0}}
                sinks: {lake: {path: "%s"}}
                """.formatted(source, folder.resolve("lake")));
    }

    private CommandResult explain(List<String> lines, String table, String key) throws IOException {
        Path file = Files.write(folder.resolve("events.jsonl"), lines);
        return CommandResult.of(
                "explain",
                table,
                key,
                "--config",
                pipeline("file: '" + file + "'").toString());
    }

    @Test
    void everyEventOfTheKeyIsToldWithWhatWasDecided() throws IOException {
        String update = event("u", 120, "null", row(1, "12.00", UNAVAILABLE));
        CommandResult told = explain(
                List.of(
                        line(0, 1, event("c", 110, "null", row(1, "10.00", "long"))),
                        line(1, 2, event("c", 115, "null", row(2, "77.00", "another"))),
                        line(2, 1, update),
                        line(3, 1, event("u", 130, "null", row(1, "-5.00", UNAVAILABLE))),
                        line(4, 1, update),
                        line(5, 1, event("u", 140, "null", row(1, "a lot!", UNAVAILABLE))),
                        line(6, 1, event("u", 150, "null", row(1, "20.00", UNAVAILABLE))),
                        line(7, 1, event("u", 160, "null", row(1, "21.00", "new"))),
                        line(8, 1, event("d", 170, "{\"id\":1}", "null")),
                        line(9, 1, "null"),
                        line(10, 1, event("c", 180, "null", row(1, "1.00", "again")))),
                "shop.orders",
                "1");

        assertThat(told.err()).isEmpty();
        assertThat(told.exit()).isZero();
        assertThat(told.out().lines().map(text -> text.replaceFirst("^\\S+ ", "")))
                .containsExactly(
                        "[s.shop.orders-0@0] applied: c shop.orders id=1 amount: 10.00, note: long",
                        "[s.shop.orders-0@2] applied, filled note: u shop.orders id=1 amount: 10.00 → 12.00",
                        "[s.shop.orders-0@3] rejected, rule amount.min: u shop.orders id=1 amount: -5.00",
                        "[s.shop.orders-0@4] duplicate, an event of this place or a later one was there before:"
                                + " u shop.orders id=1 amount: 12.00",
                        "[s.shop.orders-0@5] rejected, value: column 'amount': cannot hold as decimal(12,2), got 'a lot!':"
                                + " the row stays as it was, and is stale",
                        "[s.shop.orders-0@6] rejected, unsent: the row before is not known, to fill note:"
                                + " u shop.orders id=1 amount: 20.00",
                        "[s.shop.orders-0@7] applied: u shop.orders id=1 amount: 12.00 → 21.00, note: long → new",
                        "[s.shop.orders-0@8] applied: d shop.orders id=1 amount: 21.00, note: new",
                        "[s.shop.orders-0@10] applied: c shop.orders id=1 amount: 1.00, note: again",
                        "id=1, amount: 1.00, note: again");
        assertThat(told.out()).startsWith("2025-06-15T15:06:40Z ").contains("\nnow: id=1,");
    }

    @Test
    void ofAChangedKeyTheRowIsFollowedFromTheKeyBefore() throws IOException {
        CommandResult told = explain(
                List.of(
                        line(0, 3, event("c", 110, "null", row(3, "10.00", "long"))),
                        line(
                                1,
                                "\"__debezium.newkey\":{\"id\":4}",
                                "{\"id\":3}",
                                event("d", 120, "{\"id\":3}", "null")),
                        line(
                                2,
                                "\"__debezium.oldkey\":{\"id\":3}",
                                "{\"id\":4}",
                                event("c", 120, "null", row(4, "10.00", UNAVAILABLE)))),
                "shop.orders",
                "id=4");

        assertThat(told.out().lines().map(text -> text.replaceFirst("^\\S+ ", "")))
                .containsExactly(
                        "[s.shop.orders-0@0] applied: c shop.orders id=3 amount: 10.00, note: long",
                        "[s.shop.orders-0@1] applied: d shop.orders id=3 amount: 10.00, note: long",
                        "[s.shop.orders-0@2] applied, filled note: c shop.orders id=4 amount: 10.00, note: long",
                        "id=4, amount: 10.00, note: long");
    }

    @Test
    void aKeyOfSeveralColumnsIsNamedByColumnsOrAsJson() throws IOException {
        List<String> lines = List.of(
                line(0, "", KEY_OF_TWO, event("pairs", "c", 110, "null", KEY_OF_TWO)),
                line(1, "", "{\"a\":1,\"b\":\"z\"}", event("pairs", "c", 120, "null", "{\"a\":1,\"b\":\"z\"}")));

        assertThat(explain(lines, "shop.pairs", KEY_OF_TWO).out().lines()).hasSize(2);
        assertThat(explain(lines, "shop.pairs", "a=1,b=x, y").out())
                .isEqualTo(explain(lines, "shop.pairs", KEY_OF_TWO).out());
        CommandResult wrong = explain(lines, "shop.pairs", "1");
        assertThat(wrong.exit()).isEqualTo(2);
        assertThat(wrong.err()).isEqualTo("tributary: KEY must be 'a=…,b=…' or a JSON object of these, got '1'\n");
    }

    @Test
    void whatIsNotThereIsSaid() throws IOException {
        CommandResult none =
                explain(List.of(line(0, 1, event("c", 110, "null", row(1, "10.00", "long")))), "shop.orders", "2");
        assertThat(none.exit()).isEqualTo(1);
        assertThat(none.out()).isEmpty();

        CommandResult keyless = explain(
                List.of(line(0, "", "null", event("c", 110, "null", row(1, "10.00", "x")))), "shop.orders", "1");
        assertThat(keyless.exit()).isEqualTo(2);
        assertThat(keyless.err()).startsWith("tributary: TABLE must have a key: shop.orders has none");
    }

    @Test
    void whatTheTopicHasForgottenComesFromTheLake() throws Exception {
        int port = Ports.free(29292);
        try (KafkaBroker kafka = KafkaBroker.start(folder.resolve("kafka"), port, Ports.free(port + 1));
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            TestTopics.create(kafka.bootstrap(), TestTopics.topic("s.shop.orders", 1));
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrap()), new StringSerializer(), new StringSerializer())) {
                for (String value : List.of(
                        event("c", 110, "null", row(1, "10.00", "long")),
                        event("u", 120, "null", row(1, "11.00", UNAVAILABLE)),
                        event("u", 130, "null", row(1, "12.00", UNAVAILABLE)))) {
                    producer.send(new ProducerRecord<>("s.shop.orders", "{\"id\":1}", value))
                            .get();
                }
            }
            String config = pipeline("bootstrap: '" + kafka.bootstrap() + "', topics: 's\\..*'")
                    .toString();
            assertThat(CommandResult.of("run", "--bounded", "--config", config).exit())
                    .isZero();
            admin.deleteRecords(Map.of(new TopicPartition("s.shop.orders", 0), RecordsToDelete.beforeOffset(2)))
                    .all()
                    .get();

            CommandResult told = CommandResult.of("explain", "shop.orders", "1", "--config", config);

            assertThat(told.out().lines().map(text -> text.replaceFirst("^\\S+ ", "")))
                    .containsExactly(
                            "[s.shop.orders-0@0] in the lake: c shop.orders id: 1, amount: 10.00, note: long",
                            "[s.shop.orders-0@1] in the lake: u shop.orders id: 1, amount: 11.00, note: long",
                            "[s.shop.orders-0@2] applied, filled note from what the topic no longer has:"
                                    + " u shop.orders id=1 amount: 12.00",
                            "not known: what the row was filled from is no longer in the topic");
        }
    }
}
