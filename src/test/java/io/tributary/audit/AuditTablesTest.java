package io.tributary.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import io.tributary.local.TestTopics;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which tables an audit compares where it is not told. */
@Server
class AuditTablesTest {
    @TempDir
    private Path folder;

    @Test
    void aTableThatCameToNoSinkIsNotLeftOut() throws Exception {
        int port = Ports.free(31_092);
        try (PostgresServer server =
                        PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(31_592));
                KafkaBroker kafka = KafkaBroker.start(folder.resolve("kafka"), port, Ports.free(port + 1))) {
            server.createDatabase("shop");
            TestTopics.create(
                    kafka.bootstrap(),
                    TestTopics.topic("cdc.public.sent", 1),
                    TestTopics.topic("cdc.public.empty", 1),
                    TestTopics.topic("other.public.elsewhere", 1));
            try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", kafka.bootstrap()), new StringSerializer(), new StringSerializer())) {
                producer.send(new ProducerRecord<>("cdc.public.sent", "k", "v")).get();
                producer.send(new ProducerRecord<>("other.public.elsewhere", "k", "v"))
                        .get();
            }
            PipelineConfig config = PipelineFile.parse(
                    "name: shop\nsource: {bootstrap: '%s', topics: 'cdc\\..*'}\nsinks: {console: {}}\n"
                            .formatted(kafka.bootstrap()),
                    Map.of(),
                    Map.of());
            List<String> told = new ArrayList<>();
            try (Connection connection = server.connect("shop");
                    Statement statement = connection.createStatement();
                    Audit audit = new Audit(connection, List.of(), config, Duration.ZERO, told::add)) {
                assertThat(audit.tables()).isEmpty();
                assertThat(told).singleElement().asString().startsWith("waiting: no sink");

                statement.execute("create table sent (id int primary key); create table empty (id int primary key);"
                        + " create table elsewhere (id int primary key)");

                assertThat(audit.tables()).containsExactly(new TableName("public", "sent"));
            }
        }
    }
}
