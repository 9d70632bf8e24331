package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pipeline;
import io.tributary.Preflight;
import io.tributary.Server;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SecuredBroker;
import io.tributary.local.SharedPrograms;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.layout.PatternLayout;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A canary in the place of each secret that a pipeline can have, looked for wherever the job and the commands leave anything. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Server
class SecretsTest {
    /** With what YAML, JAAS, URLs and shells would take for their own. */
    private static final String CANARY = "canary-";

    private static final String BROKER = CANARY + "broker: \" #{x} $1";
    private static final String WAREHOUSE = CANARY + "warehouse: ' #{x} ${y}";
    private static final String HASHING = CANARY + "hashing: # {z} 0123456789";

    @TempDir
    Path folder;

    private SecuredBroker broker;
    private PostgresServer postgres;
    private MiniCluster flink;
    private LoggerConfig root;
    private FileAppender log;
    private Level level;

    @BeforeEach
    void start() throws Exception {
        LoggerContext context = (LoggerContext) LogManager.getContext(false);
        root = context.getConfiguration().getRootLogger();
        level = root.getLevel();
        log = FileAppender.newBuilder()
                .setName("all")
                .withFileName(folder.resolve("debug.log").toString())
                .setLayout(
                        PatternLayout.newBuilder().withPattern("%p %c %m%n%ex").build())
                .build();
        log.start();
        root.addAppender(log, Level.ALL, null);
        Configurator.setRootLevel(Level.DEBUG);

        broker = SecuredBroker.start(folder.resolve("broker"), 29992);
        broker.user("tributary", BROKER);
        postgres = PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(26_532));
        postgres.createDatabase("warehouse");
        try (Connection connection = postgres.connect("warehouse");
                Statement statement = connection.createStatement()) {
            statement.execute("create role loader login password '" + WAREHOUSE.replace("'", "''") + "'");
            statement.execute("grant create on database warehouse to loader");
            statement.execute("grant create on schema public to loader");
        }
        flink = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(2)
                .withRandomPorts()
                .build());
        flink.start();
    }

    @AfterEach
    void stop() throws Exception {
        Configurator.setRootLevel(level);
        root.removeAppender("all");
        log.stop();
        flink.close();
        postgres.close();
        broker.close();
    }

    private Path pipeline() throws IOException {
        return Files.writeString(folder.resolve("pipeline.yaml"), """
                name: secrets
                source:
                  bootstrap: '%s'
                  topics: cdc\\.public\\..*
                  properties:
                    security.protocol: SASL_SSL
                    sasl.mechanism: SCRAM-SHA-512
                    sasl.jaas.config: ${JAAS}
                    ssl.truststore.location: '%s'
                    ssl.truststore.password: ${STORE}
                tables: {public.t: {columns: {email: hash}}}
                privacy: {secret: "${HASHING}"}
                sinks:
                  lake: {path: '%s'}
                  warehouse:
                    url: jdbc:postgresql://127.0.0.1:%d/warehouse
                    user: loader
                    password: ${WAREHOUSE}
                    properties: {sslpassword: canary-property}
                    history: true
                  dead-letters: {topic: letters}
                """.formatted(
                        broker.secured(), broker.store, folder.resolve("lake"), postgres.port()));
    }

    private static Map<String, String> environment(String warehouse, String broker) {
        return Map.of(
                "JAAS",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"tributary\" password=\""
                        + broker.replace("\"", "\\\"") + "\";",
                "STORE",
                SecuredBroker.STORE_PASSWORD,
                "HASHING",
                HASHING,
                "WAREHOUSE",
                warehouse);
    }

    private PipelineConfig config(String warehouse, String broker) throws IOException {
        return PipelineFile.read(pipeline(), Map.of(), environment(warehouse, broker));
    }

    private JobID submit(PipelineConfig config) throws Exception {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        settings.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        settings.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, settings);
        Pipeline.build(env, config, false);
        JobGraph job = env.getStreamGraph().getJobGraph();
        return flink.submitJob(job).get().getJobID();
    }

    @Test
    void noneIsAnywhere() throws Exception {
        broker.create("cdc.public.t");
        broker.fill("cdc.public.t", 0, 20, 7);
        PipelineConfig config = config(WAREHOUSE, BROKER);
        Preflight.check(config, true);
        JobID job = submit(config);
        await().atMost(Duration.ofSeconds(60)).until(() -> count("select count(*) from public.t") == 19);
        // a connection that is cut, so that the log tells of it
        count("select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = 'loader'");
        broker.fill("cdc.public.t", 20, 30, -1);
        await().atMost(Duration.ofSeconds(60)).until(() -> count("select count(*) from public.t") == 29);

        Map<String, String> places = new TreeMap<>();
        places.put("the configuration as text", config + " " + config.warehouse() + config.decodeSettings());
        places.put("REST", rest(job));
        places.put("dead letters", letters());
        flink.triggerSavepoint(
                        job, folder.resolve("savepoints").toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get();
        flink.cancelJob(job).get();
        flink.requestJobResult(job).get();
        places.put("the warehouse", warehouse());
        places.put("a wrong password of the warehouse", failure(config(CANARY + "wrong", BROKER)));
        places.put("a wrong password of the broker", failure(config(WAREHOUSE, CANARY + "wrong")));
        for (String name : List.of("checkpoints", "savepoints", "lake", "debug.log")) {
            places.put(name, files(folder.resolve(name)));
        }

        assertThat(places.keySet()).hasSize(10);
        places.forEach(
                (place, content) -> assertThat(content.length()).as(place).isGreaterThan(20));
        assertHas("debug.log", places, "DEBUG", "sasl.jaas.config", "jdbc:postgresql:");
        assertHas("REST", places, "lake: Writer", "state_backend");
        assertHas("the warehouse", places, "cdc_mirrors", "cdc.public.t");
        assertHas("savepoints", places, "cdc.public.t");
        List<String> told = new ArrayList<>();
        places.forEach((place, content) -> {
            for (String secret : List.of(CANARY, SecuredBroker.STORE_PASSWORD)) {
                int at = content.indexOf(secret);
                if (at >= 0) {
                    told.add(place + ": "
                            + content.substring(Math.max(0, at - 200), Math.min(content.length(), at + 60)));
                }
            }
        });
        assertThat(told).isEmpty();
    }

    private static void assertHas(String place, Map<String, String> places, String... what) {
        for (String each : what) {
            assertThat(places.getOrDefault(place, "").contains(each))
                    .as(place + " has " + each)
                    .isTrue();
        }
    }

    private long count(String query) throws Exception {
        try (Connection connection = postgres.connect("warehouse");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException e) {
            return -1; // the mirror is not there yet
        }
    }

    /** All tables' rows as text. */
    private String warehouse() throws Exception {
        StringBuilder all = new StringBuilder();
        try (Connection connection = postgres.connect("warehouse");
                Statement statement = connection.createStatement()) {
            List<String> tables = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery(
                    "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^pg_|^information'")) {
                while (rows.next()) {
                    tables.add(rows.getString(1));
                }
            }
            for (String table : tables) {
                all.append(table).append('\n');
                try (ResultSet rows = statement.executeQuery("select t::text from " + table + " t")) {
                    while (rows.next()) {
                        all.append(rows.getString(1)).append('\n');
                    }
                }
            }
        }
        return all.toString();
    }

    private String letters() {
        StringBuilder all = new StringBuilder();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.open(), "auto.offset.reset", "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition("letters", 0)));
            await().atMost(Duration.ofSeconds(30)).until(() -> {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    record.headers().forEach(header -> all.append(header.key())
                            .append('=')
                            .append(new String(header.value(), StandardCharsets.UTF_8))
                            .append('\n'));
                    all.append(record.value() == null ? "" : new String(record.value(), StandardCharsets.UTF_8));
                }
                return !all.isEmpty();
            });
        }
        return all.toString();
    }

    private String rest(JobID job) throws Exception {
        URI address = flink.getRestAddress().get();
        StringBuilder all = new StringBuilder();
        List<String> paths =
                new ArrayList<>(List.of("/config", "/jobs/overview", "/jobmanager/config", "/jobmanager/environment"));
        for (String part : List.of(
                "", "/config", "/plan", "/exceptions", "/checkpoints", "/checkpoints/config", "/accumulators")) {
            paths.add("/jobs/" + job + part);
        }
        HttpClient client = HttpClient.newHttpClient();
        JsonNode vertices = new ObjectMapper()
                .readTree(get(client, address.resolve("/jobs/" + job)))
                .path("vertices");
        vertices.forEach(vertex ->
                paths.add("/jobs/" + job + "/vertices/" + vertex.path("id").asText()));
        for (String path : paths) {
            all.append(get(client, address.resolve(path)));
        }
        return all.toString();
    }

    private static String get(HttpClient client, URI uri) throws Exception {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(uri.toString()).isEqualTo(200);
        return answer.body();
    }

    private static String failure(PipelineConfig config) {
        try {
            Preflight.check(config, true);
        } catch (RuntimeException e) {
            StringWriter trace = new StringWriter();
            e.printStackTrace(new PrintWriter(trace));
            return trace.toString();
        }
        throw new AssertionError("it is well");
    }

    private static String files(Path place) throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.append(file).append('\n').append(Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return all.toString();
    }
}
