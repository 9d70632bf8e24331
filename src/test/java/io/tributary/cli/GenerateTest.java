package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Server;
import io.tributary.local.KafkaBroker;
import io.tributary.local.Ports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The simulated producer into a real Kafka, and the console's pipeline behind it. */
@Server
class GenerateTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path folder;

    private static KafkaBroker kafka;

    @BeforeAll
    static void start() throws Exception {
        int port = Ports.free(26_900);
        kafka = KafkaBroker.start(folder.resolve("kafka"), port, Ports.free(port + 1));
    }

    @AfterAll
    static void stop() throws Exception {
        kafka.close();
    }

    private static CommandResult generate(String topic, String... more) {
        String[] arguments = {
            "generate",
            "--to",
            "kafka",
            "--bootstrap",
            kafka.bootstrap(),
            "--topic",
            topic,
            "--rate",
            "5000",
            "--count",
            "400"
        };
        String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return CommandResult.of(all);
    }

    private static CommandResult console(String topic) throws Exception {
        Path pipeline = Files.writeString(folder.resolve(topic + ".yaml"), """
                name: console
                source: {bootstrap: "%s", topics: "%s"}
                sinks: {console: {json: true}}
                """.formatted(kafka.bootstrap(), topic));
        return CommandResult.of("run", "--config", pipeline.toString(), "--bounded");
    }

    @Test
    void whatIsMadeInSeveralRunsIsOneHistory() throws Exception {
        String[] mix = {"--mix", "insert=40,update=30,delete=30"};
        assertThat(generate("users", mix).exit()).isZero();
        assertThat(generate("users", mix).exit()).isZero();

        CommandResult shown = console("users");

        assertThat(shown.exit()).isZero();
        Map<Long, JsonNode> alive = new HashMap<>();
        int changes = 0;
        for (String line : shown.out().lines().toList()) {
            JsonNode change = JSON.readTree(line);
            long id = change.at("/key/id").asLong();
            assertThat(change.get("table").textValue()).isEqualTo("public.users");
            assertThat(change.get("before").isNull()).as(line).isEqualTo(!alive.containsKey(id));
            assertThat(change.get("op").textValue()).isNotEqualTo("r");
            if (change.get("after").isNull()) {
                alive.remove(id);
            } else {
                alive.put(id, change.get("after"));
            }
            changes++;
        }
        assertThat(changes).isEqualTo(800);
    }

    @Test
    void eventsWithoutSourceAreOfTheTopicsTable() throws Exception {
        assertThat(generate("r023hf", "--no-source").exit()).isZero();
        assertThat(console("r023hf").out().lines()).hasSize(400).allSatisfy(line -> assertThat(
                        JSON.readTree(line).get("table").textValue())
                .isEqualTo("kafka.r023hf"));
    }

    @Test
    @Timeout(60)
    void aBoundedRunOfNoTopicSaysSoInsteadOfWaiting() throws Exception {
        assertThat(console("nothing-there"))
                .isEqualTo(new CommandResult(
                        2,
                        "",
                        "tributary: 'source.topics' matches no topic at " + kafka.bootstrap()
                                + ", got 'nothing-there'\n"));
    }

    /** What the topic has lost between would be lost in silence. */
    @Test
    void aTopicThatBeginsAfterWhatTheLakeHasIsRefused() throws Exception {
        String[] inserts = {"--no-source", "--mix", "insert=100,update=0,delete=0"};
        assertThat(generate("lost", inserts).exit()).isZero();
        Path pipeline = Files.writeString(
                folder.resolve("lost.yaml"), """
                name: lost
                source: {bootstrap: "%s", topics: "lost"}
                sinks: {lake: {path: "%s"}}
                """.formatted(kafka.bootstrap(), folder.resolve("lost")));
        assertThat(CommandResult.of("run", "--config", pipeline.toString(), "--bounded")
                        .exit())
                .isZero();
        assertThat(generate("lost", inserts).exit()).isZero();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            admin.deleteRecords(Map.of(new TopicPartition("lost", 0), RecordsToDelete.beforeOffset(500)))
                    .all()
                    .get();
        }

        CommandResult refused = CommandResult.of("run", "--config", pipeline.toString(), "--bounded");

        assertThat(refused.exit()).isEqualTo(3);
        assertThat(refused.err()).contains("ends before offset 400 of lost-0, but the topic now begins at 500");
    }

    @Test
    void wrongUseIsOneLine() {
        assertThat(CommandResult.of("generate", "--to", "kafka", "--rate", "0").err())
                .isEqualTo("tributary: '--rate' must be from 1 to 100000, got 0\n");
        assertThat(CommandResult.of("generate", "--to", "kafka", "--min-value", "9", "--max-value", "1"))
                .satisfies(result -> assertThat(result.exit()).isEqualTo(2))
                .satisfies(result -> assertThat(result.err())
                        .isEqualTo("tributary: '--min-value' must not be above '--max-value', got 9 and 1\n"));
        assertThat(CommandResult.of("generate", "--to", "postgres", "--table", "users")
                        .err())
                .isEqualTo("tributary: '--table' must be one of public.transactions, sales.transactions, sales.orders,"
                        + " got 'users'\n");
    }

    @Test
    void aKafkaThatIsNotThereIsNamed() throws Exception {
        String nobody = "127.0.0.1:" + Ports.free(27_900);
        CommandResult result = CommandResult.of("generate", "--to", "kafka", "--bootstrap", nobody);
        assertThat(result.exit()).isEqualTo(3);
        assertThat(result.err()).startsWith("tributary: cannot write to the topic 'r023hf' at " + nobody + ": ");
    }
}
