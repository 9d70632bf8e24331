package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Doors;
import io.tributary.Server;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.sql.DriverManager;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A warehouse that nothing of ours knows of is wired by its provider alone, and is as exact as ours. */
@Server
class DialectTest {
    private static final TableSchema PEOPLE =
            TestWarehouse.schema(1, "id", ColumnType.INT32, "name", ColumnType.TEXT, "paid", ColumnType.decimal(8, 2));
    private static final TableSchema KEYLESS = TestWarehouse.schema(0, "a", ColumnType.INT32, "b", ColumnType.TEXT);

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

    private TestWarehouse open() {
        String url = server.jdbcUrl(database).replace("jdbc:postgresql:", "jdbc:inserts:");
        return Doors.with(
                "doors-warehouse",
                () -> new TestWarehouse(url, server.user(), server.password(), 1, new TestWarehouse.Options()));
    }

    @Test
    void itsUrlsAreAmongThoseThatThereAre() {
        assertThat(Doors.with("doors-warehouse", WarehouseKind::urls))
                .containsExactly("jdbc:inserts:", "jdbc:postgresql:", "jdbc:snowflake:");
        assertThat(WarehouseKind.urls()).containsExactly("jdbc:postgresql:", "jdbc:snowflake:");
        assertThatThrownBy(() -> Dialect.of("jdbc:inserts://there/db")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void rowsComeChangeAndGoAndAreInTheHistoryOnce() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.create(PEOPLE, 1, "Ada", new BigDecimal("1.50"));
            warehouse.create(PEOPLE, 2, "Bob", null);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 2, "Bob's \"\\", new BigDecimal("-0.01"));
            warehouse.delete(PEOPLE, 1, "Ada", new BigDecimal("1.50"));
            warehouse.checkpoint();
            warehouse.restore();
            warehouse.create(PEOPLE, 3, "Cy", new BigDecimal("999999.99"));
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, paid from s.t order by id"))
                    .containsExactly("2|Bob's \"\\|-0.01", "3|Cy|999999.99");
            assertThat(warehouse.query("select cdc_op, id from s.t_history order by cdc_seq"))
                    .containsExactly("c|1", "c|2", "u|2", "d|1", "c|3");
        }
        try (TestWarehouse fresh = open()) { // without state: what comes again is there
            fresh.create(PEOPLE, 1, "Ada", new BigDecimal("1.50"));
            fresh.checkpoint();
            assertThat(fresh.query("select count(*) from s.t_history")).containsExactly("5");
        }
    }

    @Test
    void equalRowsWithoutAKeyAreCounted() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.create(KEYLESS, 1, "x");
            warehouse.create(KEYLESS, 1, "x");
            warehouse.create(KEYLESS, 2, null);
            warehouse.checkpoint();
            warehouse.delete(KEYLESS, 1, "x");
            warehouse.checkpoint();
            assertThat(warehouse.query("select a, b from s.t order by a")).containsExactly("1|x", "2|null");
        }
    }
}
