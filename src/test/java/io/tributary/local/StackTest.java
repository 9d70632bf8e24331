package io.tributary.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.Server;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.http.Spoken;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole stack, once: from a row in PostgreSQL to an event in Kafka. */
@Server
class StackTest {
    private static final Path CONNECTOR = Path.of("debezium/postgres.json");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SEEDED = 50;
    private static final String SECRET = "canary-of-connect";
    private static final String DATABASE_SECRET = "canary-of-the-database";
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    private Path dir;

    private PostgresServer postgres;
    private KafkaBroker kafka;
    private ConnectWorker connect;
    private KafkaConsumer<byte[], byte[]> consumer;
    private final List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        postgres = PostgresServer.start(SharedPrograms.in(dir.resolve("postgres")), Ports.free(25_532));
        postgres.createDatabase("shop");
        try (Connection connection = postgres.connect("shop")) {
            DemoTables.create(connection);
            ConnectorRole.create(connection, DATABASE_SECRET);
            DemoTables.seed(connection, SEEDED);
        }
        int port = Ports.free(29_092);
        kafka = KafkaBroker.start(dir.resolve("kafka"), port, Ports.free(port + 1));
        connect = ConnectWorker.start(
                kafka.bootstrap(),
                Ports.free(28_083),
                SECRET,
                Map.of(
                        "PG_HOST",
                        "127.0.0.1",
                        "PG_PORT",
                        Integer.toString(postgres.port()),
                        "PG_USER",
                        ConnectorRole.NAME,
                        "PG_PASSWORD",
                        DATABASE_SECRET,
                        "PG_DB",
                        "shop"));
        consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", kafka.bootstrap(),
                        "group.id", "test",
                        "isolation.level", "read_committed",
                        "auto.offset.reset", "earliest",
                        "metadata.max.age.ms", "500"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(Pattern.compile("cdc\\..*|__debezium-heartbeat\\.cdc"));
    }

    @AfterEach
    void stop() throws IOException {
        consumer.close();
        connect.close();
        kafka.close();
        postgres.close();
    }

    private String apply(Path file) throws IOException {
        ConnectorFile connector = ConnectorFile.read(file);
        connect.apply(connector);
        return connector.name();
    }

    @Test
    void everyChangeArrivesWithItsSchemaAndNoneIsLostWhenTheDatabaseIsKilled() throws Exception {
        String name = apply(CONNECTOR);
        assertThat(connect.status(name).running()).isTrue();

        long expected = 3L * SEEDED;
        await("the snapshot").atMost(LONG).until(() -> changes().count(), count -> count == 3L * SEEDED);
        expected += generate(300);
        awaitChanges(expected);
        assertThat(changes()).allSatisfy(change -> {
            assertThat(change.path("schema").path("fields").isArray()).isTrue();
            assertThat(change.path("payload").path("source").path("db").asText())
                    .isEqualTo("shop");
        });
        await("a heartbeat").atMost(LONG).until(() -> poll().anyMatch(
                        r -> r.topic().equals("__debezium-heartbeat.cdc")));

        Postmaster.of(dir.resolve("postgres/data")).orElseThrow().kill();
        postgres = PostgresServer.start(dir.resolve("postgres"), postgres.port());
        expected += generate(100);
        awaitChanges(expected);
        assertThat(connect.status(name).failed()).isFalse();

        deleteEverything();
        await("an end that agrees with the tables")
                .atMost(LONG)
                .until(() -> changes().count() > 0 && live().isEmpty());
        assertThat(changes("c"))
                .hasSameSizeAs(changes("c").map(JsonNode::toString).distinct().toList());
    }

    @Test
    void anIncrementalSnapshotCanBeAskedForByTheSignalTable() throws Exception {
        apply(CONNECTOR);
        awaitChanges(3L * SEEDED);
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement()) {
            statement.execute("insert into tributary.debezium_signal values ('1', 'execute-snapshot',"
                    + " '{\"data-collections\": [\"sales.orders\"], \"type\": \"incremental\"}')");
        }
        await("rows read again")
                .atMost(LONG)
                .until(
                        () -> changes("r")
                                .filter(row -> row.at("/payload/source/snapshot")
                                        .asText()
                                        .equals("incremental"))
                                .count(),
                        count -> count == SEEDED);
    }

    @Test
    void aConnectorThatCannotRunIsRefusedWithTheReason() throws Exception {
        Path wrong = dir.resolve("wrong.json");
        Files.writeString(wrong, Files.readString(CONNECTOR).replace("${env:PG_DB}", "nowhere"));

        assertThatThrownBy(() -> apply(wrong))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tributary-postgres")
                .hasMessageContaining("'database.hostname'")
                .hasMessageEndingWith(
                        "(Connect's log has the reason; ./tributary check --component postgres looks too)")
                .hasMessageNotContaining("nowhere");
    }

    @Test
    void aSettingThatNobodyKnowsIsNamedWithTheOneThatMayBeMeant() throws Exception {
        ConnectClient client = new ConnectClient(connect.url(), new ConnectClient.Login("tributary", SECRET));
        ConnectorFile shipped = ConnectorFile.read(CONNECTOR);
        ObjectNode mistyped = shipped.config().deepCopy();
        mistyped.put("tombstone.on.delete", "true").put("of.another.world", "x").put("key.converter.any", "x");
        mistyped.put("post.processors", "mine").put("mine.type", "x");

        assertThat(client.unknownSettings(shipped)).isEmpty();
        assertThat(client.unknownSettings(new ConnectorFile("x", mistyped)))
                .extracting(ConnectClient.UnknownSetting::name, ConnectClient.UnknownSetting::nearest)
                .containsExactly(tuple("tombstone.on.delete", "tombstones.on.delete"), tuple("of.another.world", ""));
    }

    @Test
    void theConnectorIsNoSuperuserAndPublishesTablesThatAreMadeLater() throws Exception {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement()) {
            statement.execute("create table public.later (id int primary key); insert into public.later values (1)");
            try (ResultSet row = statement.executeQuery(
                    "select rolsuper, rolcreaterole, rolbypassrls from pg_roles where rolname = 'tributary_cdc'")) {
                row.next();
                assertThat(List.of(row.getBoolean(1), row.getBoolean(2), row.getBoolean(3)))
                        .containsOnly(false);
            }
        }
        Path more = dir.resolve("more.json");
        Files.writeString(
                more,
                Files.readString(CONNECTOR)
                        .replace("orders\",", "orders,public.later\",")
                        .replace(":FULL\"", ":FULL,public.later:FULL\""));
        apply(more);

        awaitChanges(3L * SEEDED + 1);
    }

    @Test
    void whoHasNotItsPasswordChangesNothingInConnectAndLearnsNoSecret() throws Exception {
        String name = apply(CONNECTOR);
        int port = URI.create(connect.url()).getPort();
        String one = "/connectors/" + name;
        String validate = "/connector-plugins/PostgresConnector/config/validate";
        String stolen = body(Files.readString(CONNECTOR).replace("\"cdc\"", "\"${env:PG_PASSWORD}\""));
        String own = body(Files.readString(CONNECTOR));
        String code = body(
                "{\"name\": \"x\", \"config\": {\"connector.class\": \"x.X\", \"database.x\": \"${env:PG_PASSWORD}\"}}");
        String allowed = "Authorization: Basic "
                + Base64.getEncoder().encodeToString(("tributary:" + SECRET).getBytes(UTF_8)) + "\r\n";
        String wrong = allowed.replace("Basic ", "Basic x");
        List<String> answers = new ArrayList<>();
        for (String path : List.of(
                "/",
                "/connectors",
                one,
                one + "/config",
                one + "/tasks",
                one + "/status",
                "/connectors?expand=info&expand=status",
                "/admin/loggers",
                "/connector-plugins")) {
            answers.add(Spoken.to(port, "GET", path, "127.0.0.1"));
            assertThat(answers.get(answers.size() - 1)).startsWith("HTTP/1.1 200 ");
        }
        for (String[] each : new String[][] {
            {"403", "GET", "/connectors", "evil.example", ""},
            {"403", "PUT", one + "/pause", "evil.example", allowed},
            {"401", "PUT", one + "/pause", "localhost", ""},
            {"401", "PUT", one + "/pause", "localhost", wrong},
            {"401", "POST", one + "/restart", "localhost", ""},
            {"401", "DELETE", one, "localhost", ""},
            {"401", "DELETE", one + "/offsets", "localhost", ""},
            {"401", "PUT", "/admin/loggers/root", "localhost", ""},
            {"401", "POST", "/connectors", "localhost", own},
            {"401", "PUT", validate, "localhost", stolen},
            {"403", "PUT", validate, "localhost", allowed + stolen},
            {"403", "POST", "/connectors", "localhost", allowed + stolen},
            {"403", "PATCH", one + "/config", "localhost", allowed + stolen},
            {"403", "PUT", "/connectors/x/config", "localhost", allowed + code},
            {"200", "GET", one + "/status", "localhost", ""},
        }) {
            String answer = Spoken.to(port, each[1], each[2], each[3], each[4]);
            assertThat(answer).as(String.join(" ", each)).startsWith("HTTP/1.1 " + each[0] + " ");
            answers.add(answer);
        }
        assertThat(answers).noneMatch(answer -> answer.contains("canary"));
        assertThat(connect.status(name).running()).isTrue();
    }

    /** The rest of a request: what follows its first headers. */
    private static String body(String json) {
        return "Content-Type: application/json\r\nContent-Length: " + json.getBytes(UTF_8).length + "\r\n\r\n" + json;
    }

    private long generate(int changes) {
        try (Generator generator = Generator.start(() -> postgres.connect("shop"), 500, Mix.USUAL, 7)) {
            await("changes").atMost(LONG).until(generator::changes, made -> made >= changes);
            generator.stop();
            return generator.changes();
        }
    }

    private void deleteEverything() throws SQLException {
        try (Connection connection = postgres.connect("shop");
                Statement statement = connection.createStatement()) {
            for (String table : List.of("public.transactions", "sales.transactions", "sales.orders")) {
                try (ResultSet row = statement.executeQuery("select count(*) from " + table)) {
                    row.next();
                    assertThat(row.getLong(1)).isPositive();
                }
                statement.execute("delete from " + table);
            }
        }
    }

    /** Keys whose last event is not a delete. */
    private List<String> live() throws IOException {
        Map<String, Boolean> live = new java.util.HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : poll().toList()) {
            if (record.value() != null && isTable(record)) {
                live.put(
                        record.topic() + JSON.readTree(record.key()).path("payload"),
                        !JSON.readTree(record.value())
                                .at("/payload/op")
                                .asText()
                                .equals("d"));
            }
        }
        return live.entrySet().stream()
                .filter(Map.Entry::getValue)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void awaitChanges(long expected) {
        await("changes in Kafka").atMost(LONG).until(() -> changes().count(), count -> count >= expected);
    }

    private Stream<JsonNode> changes(String op) {
        return changes().filter(change -> change.at("/payload/op").asText().equals(op));
    }

    /** Events of the three tables, no tombstones. */
    private Stream<JsonNode> changes() {
        return poll().filter(StackTest::isTable)
                .filter(record -> record.value() != null)
                .map(record -> {
                    try {
                        return JSON.readTree(record.value());
                    } catch (IOException e) {
                        throw new AssertionError(new String(record.value(), UTF_8), e);
                    }
                });
    }

    private static boolean isTable(ConsumerRecord<byte[], byte[]> record) {
        return record.topic().matches("cdc\\.(public|sales)\\..*");
    }

    private Stream<ConsumerRecord<byte[], byte[]>> poll() {
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
        return records.stream();
    }
}
