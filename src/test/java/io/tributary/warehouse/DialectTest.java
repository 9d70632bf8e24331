package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Doors;
import io.tributary.Server;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A warehouse that nothing of ours knows of is wired by its provider alone, and is as exact as ours. */
@Server
class DialectTest extends WarehouseConformance {
    @TempDir
    private static Path folder;

    private static PostgresServer server;
    private static int databases;
    private String database;

    @BeforeAll
    static void start() throws Exception {
        DriverManager.registerDriver(new InsertsDialect.InsertsDriver()); // the test itself asks by it
        server = PostgresServer.start(SharedPrograms.in(folder), Ports.free(25_832));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void create() throws Exception {
        database = "toy" + ++databases;
        server.createDatabase(database);
    }

    @Override
    TestWarehouse open(int writers) {
        String url = server.jdbcUrl(database).replace("jdbc:postgresql:", "jdbc:inserts:");
        return Doors.with(
                "doors-warehouse", () -> new TestWarehouse(url, server.user(), server.password(), writers, options));
    }

    @Test
    void itsUrlsAreAmongThoseThatThereAre() {
        assertThat(Doors.with("doors-warehouse", WarehouseKind::urls))
                .containsExactly("jdbc:inserts:", "jdbc:postgresql:", "jdbc:snowflake:");
        assertThat(WarehouseKind.urls()).containsExactly("jdbc:postgresql:", "jdbc:snowflake:");
    }
}
