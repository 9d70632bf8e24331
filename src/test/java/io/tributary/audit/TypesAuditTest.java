package io.tributary.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pipeline;
import io.tributary.Server;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedFlink;
import io.tributary.local.SharedPrograms;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every type that PostgreSQL has, as a connector of the shipped settings has sent it, against a PostgreSQL that the same statements have made:
 * an audit finds what the stream does not carry, and nothing else.
 */
@Server
class TypesAuditTest {
    private static final String CAPTURE = "/captures/recommended_microseconds";

    /** As {@code captures/known.txt} says. */
    private static final Set<String> FALSIFIED_BEFORE_KAFKA =
            Set.of("t_arr.atm", "t_bin.vb", "t_bin.vb10", "t_misc.cmp", "t_time.d");

    /** The recording's own setting: {@code binary.handling.mode} is base64, and so they are text. */
    private static final Set<String> BASE64 = Set.of("t_bin.b", "t_arr.abt");

    @TempDir
    private Path folder;

    private static InputStream resource(String name) {
        return Objects.requireNonNull(TypesAuditTest.class.getResourceAsStream(CAPTURE + name));
    }

    private PipelineConfig run() throws Exception {
        Path events = folder.resolve("events.jsonl");
        try (InputStream in = new GZIPInputStream(resource(".schemas.jsonl.gz"))) {
            Files.copy(in, events);
        }
        PipelineConfig config = PipelineFile.parse(
                "name: types\nsource: {file: '%s'}\nsinks: {lake: {path: '%s', current: {every: 1h}}}\n"
                        .formatted(events, folder.resolve("lake")),
                Map.of(),
                Map.of());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        Pipeline.build(env, config, true);
        SharedFlink.run(env);
        return config;
    }

    /** Both texts of the first key. */
    private static String texts(Connection connection, Side lake, SourceTable table, List<String> keys)
            throws Exception {
        List<String> texts = new ArrayList<>();
        String select = "select " + table.columns().get(0).expression() + ", "
                + table.columns().get(1).expression() + " from " + table.name();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(select)) {
            while (rows.next()) {
                if (keys.contains("id=" + rows.getString(1))) {
                    texts.add("source " + rows.getString(1) + " "
                            + table.columns().get(1).text(rows.getString(2)));
                }
            }
        }
        Objects.requireNonNull(lake.rows()).forEach(table.name(), Side.names(table), (row, version) -> {
            if (keys.contains("id=" + row.get("id"))) {
                texts.add("lake " + row.get("id") + " " + table.texts(row).get(1));
            }
        });
        return String.join("\n   ", texts);
    }

    @Test
    void whatTheStreamCarriesAgrees() throws Exception {
        PipelineConfig config = run();
        try (PostgresServer server =
                PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(30_392))) {
            server.createDatabase("types");
            try (Connection connection = server.connect("types");
                    Statement statement = connection.createStatement();
                    InputStream sql = resource(".sql");
                    Side lake = Objects.requireNonNull(Side.of(config.views().get(0)))) {
                statement.execute("set time zone 'UTC'");
                statement.execute(new String(sql.readAllBytes(), StandardCharsets.UTF_8));

                Set<String> differing = new HashSet<>();
                List<String> keys = new ArrayList<>();
                int columns = 0;
                for (TableName name : SourceTable.all(connection)) {
                    SourceTable table = SourceTable.of(connection, name);
                    assertThat(lake.has(table)).as(name.toString()).isTrue();
                    for (String column : Side.names(table)) {
                        SourceTable one = table.only(new HashSet<>(List.of("id", column)));
                        List<String> found = one.read(connection, null).differing(lake.read(one));
                        if (!found.isEmpty()) {
                            differing.add(name.table() + "." + column);
                            keys.add(name.table() + "." + column + " " + found + " "
                                    + texts(connection, lake, one, found));
                        }
                        columns++;
                    }
                }
                assertThat(columns).isGreaterThan(100);
                differing.removeAll(BASE64);
                assertThat(differing).as(String.join("\n", keys)).isEqualTo(FALSIFIED_BEFORE_KAFKA);
            }
        }
    }
}
