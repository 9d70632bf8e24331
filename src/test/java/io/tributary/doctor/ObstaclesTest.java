package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.Server;
import io.tributary.connect.ConnectorFile;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What stands in the way of a connector, on a real PostgreSQL. */
@Server
class ObstaclesTest {
    private static final String DATABASE = "obstacles";

    @TempDir
    private static Path folder;

    private static PostgresServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(30_592));
        server.createDatabase(DATABASE);
        try (Connection connection = server.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            statement.execute("create table keyless (a int); create table keyed (a int primary key)");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "public\\.keyed     |                                  | ",
                "public\\.keyless   |                                  | table public.keyless has no replica identity",
                "public\\.keyless   | public.keyless:FULL              | ",
                "public\\.keyless   | public.a:FULL, public.*:full     | ",
                "public\\.keyless   | public.keyless:INDEX by_a        | ",
                "public\\.keyless   | public.keyless:NOTHING           | table public.keyless has no replica identity",
                "public\\.keyless   | public.keyless:DEFAULT           | table public.keyless has no replica identity",
                "public\\.keyless   | public.keyed:FULL                | table public.keyless has no replica identity",
                "public\\.keyless   | (:FULL                           | c: replica.identity.autoset.values has '('",
                "public\\.later     |                                  | ",
                "public\\.(         |                                  | c: table.include.list has 'public\\.('",
            })
    void aTableThatCannotSayWhichRowWasChangedStandsInTheWayUnlessTheConnectorMendsThat(
            String tables, @Nullable String identities, @Nullable String told) {
        ObjectNode config = new ObjectMapper().createObjectNode();
        config.put("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
        config.put("table.include.list", tables);
        if (identities != null) {
            config.put("replica.identity.autoset.values", identities);
        }

        List<String> found =
                Obstacles.of(() -> server.connect(DATABASE), "here", new ConnectorFile("c", config), "").stream()
                        .map(Finding::what)
                        .toList();

        if (told == null) {
            assertThat(found).isEmpty();
        } else {
            assertThat(found).isNotEmpty();
            assertThat(found.get(0)).startsWith(told);
        }
    }
}
