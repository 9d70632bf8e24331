package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.Server;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Server
class GeneratorTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private static Path dir;

    private static PostgresServer postgres;

    @BeforeAll
    static void start() throws Exception {
        postgres = PostgresServer.start(SharedPrograms.in(dir), Ports.free(25_632));
        try (Connection connection = postgres.connect("postgres")) {
            DemoTables.create(connection);
            DemoTables.create(connection);
            DemoTables.seed(connection, 200);
            DemoTables.seed(connection, 200);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @Test
    void seedingFillsEmptyTablesOnly() throws Exception {
        postgres.createDatabase("seeded");
        try (Connection connection = postgres.connect("seeded");
                Statement statement = connection.createStatement()) {
            DemoTables.create(connection);
            DemoTables.seed(connection, 20);
            statement.execute("truncate sales.orders");
            DemoTables.seed(connection, 30);
            assertThat(ask(statement, "select count(*) from public.transactions"))
                    .isEqualTo(20);
            assertThat(ask(statement, "select count(*) from sales.transactions"))
                    .isEqualTo(20);
            assertThat(ask(statement, "select count(*) from sales.orders")).isEqualTo(30);
        }
    }

    @Test
    void changesAreCountedAsTheDatabaseCountsThem() throws Exception {
        long before = ask("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables"
                + " where relname in ('transactions', 'orders')");
        Generator generator = Generator.start(() -> postgres.connect("postgres"), 2_000, Mix.USUAL, 1);
        await().atMost(LONG).until(generator::changes, made -> made > 2_000);
        generator.stop();

        await().atMost(LONG)
                .until(
                        () -> ask("select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables"
                                + " where relname in ('transactions', 'orders')"),
                        after -> after - before == generator.changes());
    }

    @Test
    void aLoadEndsByItselfAndChangesItsTableOnly() throws Exception {
        long orders = ask("select count(*) from sales.orders");
        long before = ask("select count(*) from sales.transactions");
        Generator generator = Generator.start(
                () -> postgres.connect("postgres"),
                new Generator.Load(5_000, new Mix(100, 0, 0), List.of("sales.transactions"), 777),
                5);
        await().atMost(LONG).until(() -> !generator.isRunning());
        assertThat(generator.changes()).isEqualTo(777);
        assertThat(ask("select count(*) from sales.transactions")).isEqualTo(before + 777);
        assertThat(ask("select count(*) from sales.orders")).isEqualTo(orders);
    }

    @Test
    void longNotesAreKeptOutOfLine() throws Exception {
        assertThat(ask("select count(*) from sales.orders where length(note) > 8000"))
                .isPositive();
        assertThat(ask("select pg_relation_size(reltoastrelid) from pg_class where oid = 'sales.orders'::regclass"))
                .isPositive();
    }

    @Test
    void theSameSeedNeverMakesAKeyTwice() throws Exception {
        Mix inserts = new Mix(100, 0, 0);
        long rows = ask("select count(*) from public.transactions");
        for (int run = 0; run < 2; run++) {
            try (Generator generator = Generator.start(() -> postgres.connect("postgres"), 1_000, inserts, 42)) {
                await().atMost(LONG).until(generator::changes, made -> made > 100);
            }
        }
        assertThat(ask("select count(*) from public.transactions")).isGreaterThan(rows + 80);
    }

    @Test
    void aLostConnectionIsReplaced() throws Exception {
        try (Generator generator = Generator.start(() -> postgres.connect("postgres"), 200, Mix.USUAL, 3)) {
            await().atMost(LONG).until(generator::changes, made -> made > 20);
            ask("select count(pg_terminate_backend(pid)) from pg_stat_activity where pid <> pg_backend_pid()"
                    + " and application_name = 'tributary'");
            long before = generator.changes();
            await().atMost(LONG).until(generator::changes, made -> made > before + 50);
        }
    }

    @Test
    void aMixMustAddUp() {
        assertThatThrownBy(() -> new Mix(50, 50, 50)).isInstanceOf(IllegalArgumentException.class);
    }

    private static long ask(String sql) throws SQLException {
        try (Connection connection = postgres.connect("postgres");
                Statement statement = connection.createStatement()) {
            return ask(statement, sql);
        }
    }

    private static long ask(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }
}
