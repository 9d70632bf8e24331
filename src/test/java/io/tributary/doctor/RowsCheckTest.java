package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.tributary.Server;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import io.tributary.local.TestTopics;
import io.tributary.sink.Examination;
import io.tributary.sink.SinkCounts;
import io.tributary.warehouse.WarehouseProbe;
import io.tributary.warehouse.WarehouseSettings;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the number of a mirror's rows says, of a topic with ten records. */
@Server
class RowsCheckTest {
    private static final String TOPIC = "cdc.public.orders";
    private static final int RECORDS = 10;

    @TempDir
    private static Path folder;

    private static PostgresServer postgres;
    private static KafkaBroker kafka;
    private static HttpServer metrics;
    private static volatile String samples = "";
    private static PipelineConfig pipeline;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresServer.start(SharedPrograms.in(folder), Ports.free(26_032));
        postgres.createDatabase("warehouse");
        int port = Ports.free(26_132);
        kafka = KafkaBroker.start(folder.resolve("kafka"), port, Ports.free(port + 1));
        metrics = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metrics.createContext("/metrics", exchange -> {
            byte[] body = samples.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        metrics.start();
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, """
                name: shop
                source: {bootstrap: %s, topics: 'cdc\\..*'}
                tables:
                  public.off: {mirror: false}
                sinks:
                  warehouse: {url: %s, user: %s, password: %s}
                """.formatted(
                        kafka.bootstrap(), postgres.jdbcUrl("warehouse"), postgres.user(), postgres.password()));
        pipeline = PipelineFile.read(file, Map.of(), Map.of());
        TestTopics.create(kafka.bootstrap(), TestTopics.topic(TOPIC, 1));
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrap()), new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>(TOPIC, "{}")).get();
            }
        }
    }

    @AfterAll
    static void stop() throws Exception {
        metrics.stop(0);
        kafka.close();
        postgres.close();
    }

    /**
     * One state of all.
     *
     * @param read up to where the job has read
     * @param staged up to where the warehouse has rows, in the mirror or not yet
     * @param rows of the mirror; less than 0 where it is not there
     */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            public.orders | 10 | 10 | 10 | 5  | 5 | 0 | shop  |
            public.orders | 10 | 10 | 10 | 4  | 5 | 0 | shop  | has 4 rows, and the job knows of 5
            public.orders | 10 | 10 | 10 | 6  | 5 | 0 | shop  | has 6 rows, and the job knows of 5
            public.orders | 7  | 10 | 10 | 4  | 5 | 0 | shop  |
            public.orders | 10 | 10 | 8  | 4  | 5 | 0 | shop  |
            public.orders | 10 | 10 | 8  | 2  | 5 | 0 | shop  | has 2 rows, and the job knows of 5
            public.orders | 10 | 8  | 8  | 3  | 5 | 4 | shop  |
            public.orders | 10 | 10 | 10 | 4  | 5 | 0 | other |
            public.orders | 10 | 10 | 10 | -1 | 5 | 0 | shop  | is not there
            public.off    | 10 | 10 | 10 | 4  | 5 | 0 | shop  |
            """)
    void aDifferenceThatNothingExplainsIsTold(
            String table,
            long read,
            long staged,
            long applied,
            int rows,
            int known,
            int waiting,
            String job,
            String said)
            throws Exception {
        WarehouseSettings warehouse = Objects.requireNonNull(pipeline.warehouse());
        try (WarehouseProbe probe = new WarehouseProbe(warehouse)) {
            probe.prepare();
        }
        String name = table.substring(table.indexOf('.') + 1);
        try (Connection connection = postgres.connect("warehouse");
                Statement statement = connection.createStatement()) {
            statement.execute("delete from tributary.cdc_mirrors; delete from tributary.cdc_offsets");
            statement.execute(
                    "insert into tributary.cdc_mirrors (mirror, source, made_by_tributary, commits, row_count)"
                            + " values ('\"public\".\"%s\"', '%s', true, 1, 1)".formatted(name, table));
            statement.execute("insert into tributary.cdc_offsets (mirror, topic, kafka_partition, staged, applied)"
                    + " values ('\"public\".\"%s\"', '%s', 0, %d, %d)".formatted(name, TOPIC, staged, applied));
            statement.execute("drop table if exists public." + name);
            if (rows >= 0) {
                statement.execute("create table public." + name
                        + " as select n as id, n = 1 as cdc_deleted from generate_series(1, %d) n".formatted(rows + 1));
            }
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.alterConsumerGroupOffsets(
                            pipeline.kafka().group(), Map.of(new TopicPartition(TOPIC, 0), new OffsetAndMetadata(read)))
                    .all()
                    .get();
        }
        samples = """
                cdc_rows{job_name="%1$s",table="%2$s",} %3$d
                cdc_transactions_total{job_name="%1$s",table="%2$s",op="c",} 9
                cdc_sink_waiting_seconds{job_name="%1$s",sink="warehouse",table="%2$s",} %4$d
                """.formatted(job, table, known, waiting);
        Findings found = new Findings("warehouse");
        String url = "http://127.0.0.1:" + metrics.getAddress().getPort() + "/metrics";
        Examination rowsAlone = (Examination) Proxy.newProxyInstance(
                Examination.class.getClassLoader(), new Class<?>[] {Examination.class}, (self, method, arguments) -> {
                    if (method.getName().equals("count")) {
                        try (SinkCounts counts = (SinkCounts) arguments[0]) {
                            new RowsCheck(new Positions(pipeline), url, 1).look(counts, found);
                        }
                    }
                    return null;
                });
        pipeline.views().forEach(view -> view.examine(rowsAlone));

        assertThat(found.all()).hasSize(said == null ? 0 : 1).allMatch(one -> one.what()
                .equals("the mirror of " + table + " " + said));
    }
}
