package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pipeline;
import io.tributary.Server;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedFlink;
import io.tributary.local.SharedPrograms;
import io.tributary.source.Captures;
import io.tributary.warehouse.WarehouseProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The cases through the job into a mirror: each of its tables has as many rows as the history leaves, and none is set aside. */
@Timeout(60)
@Server
class CasesThroughMirrorTest {
    @TempDir
    static Path folder;

    private static PostgresServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(26_632));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    static List<String> cases() {
        return Captures.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theMirrorsHaveTheRows(String name) throws Exception {
        server.createDatabase(name);
        Path events =
                Path.of(System.getProperty("tributary.home"), "src/test/resources/cases", name, "events.jsonl.gz");
        Configuration flink = new Configuration();
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(5));
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                Files.createDirectories(folder.resolve("checkpoints")).toUri().toString());
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
        PipelineConfig config = PipelineFile.parse(
                """
                name: case
                source: {file: '%s'}
                breaker: {share: 1}
                sinks:
                  warehouse: {url: '%s', user: '%s', password: '%s', batch: {interval: 0s}, history: true}
                """.formatted(events, server.jdbcUrl(name), server.user(), server.password()), Map.of(), Map.of());
        try (WarehouseProbe probe = new WarehouseProbe(Objects.requireNonNull(config.warehouse()))) {
            probe.prepare(); // as a submission does: the job itself makes a ledger when it has something for it
        }
        Pipeline.build(env, config, true);
        SharedFlink.run(env);

        Map<String, Integer> wanted = new TreeMap<>();
        for (String line : new CasesTest.Case(name, "").expected()) {
            if (!line.startsWith("= ")) {
                int count =
                        line.matches(".* x[0-9]+") ? Integer.parseInt(line.substring(line.lastIndexOf('x') + 1)) : 1;
                wanted.merge(line.substring(0, line.indexOf(": ")), count, Integer::sum);
            }
        }
        Map<String, Integer> found = new TreeMap<>();
        String aside = "";
        try (Connection connection = server.connect(name);
                Statement statement = connection.createStatement();
                Statement counting = connection.createStatement()) {
            try (ResultSet mirrors =
                    statement.executeQuery("select source, set_aside, mirror from tributary.cdc_mirrors")) {
                while (mirrors.next()) {
                    if (mirrors.getString(2) != null) {
                        aside += mirrors.getString(1) + ": " + mirrors.getString(2) + "; ";
                        continue;
                    }
                    try (ResultSet count = counting.executeQuery("select count(*) from " + mirrors.getString(3))) {
                        count.next();
                        found.merge(mirrors.getString(1), count.getInt(1), Integer::sum);
                    }
                }
            }
        }
        found.values().removeIf(count -> count == 0);
        assertThat(aside).isEmpty();
        assertThat(found).isEqualTo(wanted);
    }
}
