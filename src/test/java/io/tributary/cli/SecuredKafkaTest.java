package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.lake.LakeReader;
import io.tributary.local.SecuredBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The job and the commands against a broker that asks for TLS and a login, as docs/how-to/secure.md says. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
@Server
class SecuredKafkaTest {
    private static final String USER = "tributary";
    private static final String PASSWORD = "canary; of \"the\" broker";

    @TempDir
    static Path shared;

    private static SecuredBroker broker;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        broker = SecuredBroker.start(shared, 29892);
        broker.user(USER, PASSWORD);
        broker.create("cdc.public.t");
        broker.fill("cdc.public.t", 0, 10, 5);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private Path pipeline(String login, String more) throws IOException {
        return Files.writeString(folder.resolve("pipeline.yaml"), """
                name: secured
                source:
                  bootstrap: '%s'
                  topics: cdc\\.public\\..*
                  properties:
                    security.protocol: SASL_SSL
                    %s
                sinks:
                  lake: {path: "%s"}
                  dead-letters: {topic: letters}
                """.formatted(
                        broker.secured(), String.join("\n    ", List.of(login, more)), folder.resolve("lake")));
    }

    private static String login(String password) {
        return "sasl.mechanism: SCRAM-SHA-512\n"
                + "    sasl.jaas.config: 'org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
                + USER
                + "\" password=\"" + password.replace("\"", "\\\"") + "\";'";
    }

    private static String trust(Path store) {
        return "ssl.truststore.location: " + store + "\n    ssl.truststore.password: " + SecuredBroker.STORE_PASSWORD;
    }

    @Test
    void theJobReadsAndWritesAndTheCommandsAnswer() throws Exception {
        String config = pipeline(login(PASSWORD), trust(broker.store)).toString();

        CommandResult run = CommandResult.of("run", "--bounded", "--config", config);
        assertThat(run.err()).isEmpty();
        assertThat(run.exit()).isZero();
        List<String> ids = new ArrayList<>();
        new LakeReader("file:" + folder.resolve("lake"))
                .forEach(new TableName("public", "t"), row -> ids.add(String.valueOf(row.get("id"))));
        assertThat(ids).containsExactlyInAnyOrder("0", "1", "2", "3", "4", "6", "7", "8", "9");

        CommandResult letters = CommandResult.of("dead-letters", "list", "--config", config);
        assertThat(letters.out())
                .contains("[cdc.public.t-0@5] public.t not-json")
                .endsWith("1 dead letters: not-json 1\n");

        CommandResult check = CommandResult.of("check", "--component", "kafka", "--config", config);
        assertThat(check.out()).contains(broker.secured() + ", 1 broker", "10 records looked at");

        assertThat(run + letters.toString() + check).doesNotContain("canary", SecuredBroker.STORE_PASSWORD);
    }

    @Test
    void whatIsWrongIsSaidInOneLine() throws Exception {
        Path other = SecuredBroker.certificate(folder.resolve("other.p12"), "127.0.0.1");
        String reads = "tributary: cannot reach Kafka at 'source.bootstrap' " + broker.secured() + ": ";

        assertThat(failure(pipeline(login("canary of nobody"), trust(broker.store))))
                .startsWith(reads)
                .contains("Authentication failed")
                .doesNotContain("canary");
        assertThat(failure(pipeline(login(PASSWORD), trust(other))))
                .startsWith(reads)
                .contains("SSL handshake failed");
    }

    private static String failure(Path pipeline) {
        CommandResult run = CommandResult.of("run", "--bounded", "--config", pipeline.toString());
        assertThat(run.exit()).isEqualTo(Tributary.UNREACHABLE);
        assertThat(run.err()).hasLineCount(1);
        return run.err();
    }
}
