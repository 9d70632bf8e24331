package io.tributary.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Server;
import io.tributary.doctor.Finding.Level;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import io.tributary.warehouse.ConfiguredWarehouse;
import io.tributary.warehouse.WarehouseFile;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a warehouse, and what to do about it. */
@Server
class WarehouseCheckTest {
    @TempDir
    private static Path folder;

    private static PostgresServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder), Ports.free(25_932));
        server.createDatabase("warehouse");
        try (Connection connection = server.connect("warehouse");
                Statement statement = connection.createStatement()) {
            statement.execute("create user guest password 'guest'");
        }
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static Finding look(String url, String user, String password) {
        Findings found = new Findings("warehouse");
        ConfiguredWarehouse warehouse =
                new ConfiguredWarehouse(WarehouseFile.of(url, user, password).settings(), "");
        new SinkCheck(warehouse, new Positions(null), "http://127.0.0.1:1").look(found);
        assertThat(found.all()).hasSize(1);
        assertThat(found.all().toString()).doesNotContain(server.password());
        return found.all().get(0);
    }

    @Test
    void aWarehouseThatCanBeWrittenIsWell() {
        Finding finding = look(server.jdbcUrl("warehouse"), server.user(), server.password());
        assertThat(finding.level()).isEqualTo(Level.OK);
        assertThat(finding.what()).endsWith("can be written; 0 mirrors in the ledger tributary");
    }

    @Test
    void whatIsWrongIsNamed() {
        assertThat(look(server.jdbcUrl("warehouse"), server.user(), "guess").what())
                .contains("refuses tributary: ", "password authentication failed");
        assertThat(look(server.jdbcUrl("nowhere") + "?password=" + server.password(), server.user(), server.password())
                        .what())
                .contains("has no such database: ", "\"nowhere\" does not exist");
        assertThat(look("jdbc:postgresql://127.0.0.1:1/warehouse", "a", "b").what())
                .contains("does not answer: ", "127.0.0.1:1 refused");
        Finding guest = look(server.jdbcUrl("warehouse"), "guest", "guest");
        assertThat(guest.level()).isEqualTo(Level.WRONG);
        assertThat(guest.what())
                .contains("does not let guest make and write tables in tributary: ", "permission denied");
    }
}
