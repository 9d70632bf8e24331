package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.Server;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A real PostgreSQL; once with each commit as if it were a large one. */
@ParameterizedClass
@ValueSource(longs = {1, 10_000})
@Server
class WarehouseTest extends WarehouseConformance {
    @TempDir
    private static Path folder;

    private static PostgresServer server;
    private static int databases;
    private String database;

    WarehouseTest(long large) {
        options.largeRows = large;
    }

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder), Ports.free(25_732));
        try (Connection admin = server.connect("postgres");
                Statement statement = admin.createStatement()) {
            statement.execute("alter system set fsync = off"); // no test takes away the power
            statement.execute("select pg_reload_conf()");
        }
    }

    @Override
    TestWarehouse open(int writers) {
        return new TestWarehouse(server.jdbcUrl(database), server.user(), server.password(), writers, options);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void database() throws Exception {
        database = "warehouse" + databases++;
        server.createDatabase(database);
    }

    /** Each compared with each, as PostgreSQL did, it was six minutes. */
    @Test
    void manyRowsWithoutAKeyAreBalancedInOneCommit() throws Exception {
        options.rows = 1000;
        options.history = false;
        try (TestWarehouse warehouse = open(1)) {
            int rows = 20_000;
            for (int i = 0; i < rows; i++) {
                warehouse.create(KEYLESS, i, "b");
                if (i % 5 == 4) {
                    warehouse.delete(KEYLESS, i - 2, "b");
                }
            }
            warehouse.checkpoint();
            assertThat(warehouse.query("select count(*), sum(a) % 5 from s.t")).containsExactly(rows * 4 / 5 + "|0");
        }
    }

    @Test
    void aMirrorThatTakesLongRestsAndThenGetsAtOnceWhatCameMeanwhile() throws Exception {
        options.slowMillis = 500;
        AtomicLong now = options.stopped();
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "a", 1);
            warehouse.checkpoint();
            warehouse.execute(
                    "create function slow() returns trigger language plpgsql as 'begin perform pg_sleep(0.6); return null; end'",
                    "create trigger slow before insert on s.t for each statement execute function slow()");
            warehouse.create(PEOPLE, 2, "a", 1);
            warehouse.checkpoint();
            warehouse.execute("drop trigger slow on s.t");
            warehouse.create(PEOPLE, 3, "a", 1);
            warehouse.checkpoint();
            warehouse.create(PEOPLE, 4, "a", 1);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.t order by id")).containsExactly("1", "2");
            now.addAndGet(30_000); // the longest rest
            await().atMost(30, TimeUnit.SECONDS)
                    .untilAsserted(() -> assertThat(warehouse.query("select id from s.t order by id"))
                            .containsExactly("1", "2", "3", "4"));
            warehouse.create(PEOPLE, 5, "a", 1);
            warehouse.checkpoint();
            assertThat(warehouse.query("select count(*) from s.t")).containsExactly("5");
        }
    }

    @Test
    void theShippedSetupHasWhatTheMirrorNeedsAndItsRoleMayNoMore() throws Exception {
        List<String> statements = statements("setup_postgresql.sql");
        try (Connection admin = server.connect(database);
                Statement statement = admin.createStatement()) {
            for (String each : statements.subList(0, 2)) { // up to \connect
                statement.execute(each.replace(":'password'", "'secret'"));
            }
        }
        try (Connection admin = server.connect("cdc_warehouse");
                Statement statement = admin.createStatement()) {
            for (String each : statements.subList(2, statements.size())) {
                statement.execute(each);
            }
        }
        options.deletes = Deletes.SOFT;
        options.names = new Names("public", "", null, null, new HashMap<>(Map.of("s.t", "transactions")), Letters.KEEP);
        String url = server.jdbcUrl("cdc_warehouse");
        try (TestWarehouse warehouse = new TestWarehouse(url, "cdc_role", "secret", 1, options);
                Connection reader = server.connect("cdc_warehouse")) {
            fillTransactions(warehouse, reader, "public");
            assertThatThrownBy(() -> warehouse.execute("create schema other"))
                    .hasMessageContaining("permission denied");
        } finally {
            try (Connection admin = server.connect("cdc_warehouse");
                    Statement statement = admin.createStatement()) {
                statement.execute("drop owned by cdc_role");
            }
            try (Connection admin = server.connect(database);
                    Statement statement = admin.createStatement()) {
                statement.execute("drop database cdc_warehouse");
                statement.execute("drop role cdc_role");
            }
        }
    }

    @Test
    void ofALargeCommitTheLastRowsAreInATemporaryTable() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute(
                    "create table seen (made text)",
                    "create function see() returns event_trigger language plpgsql as 'begin insert into seen select object_identity from pg_event_trigger_ddl_commands(); end'",
                    "create event trigger sees on ddl_command_end when tag in ('CREATE TABLE AS') execute function see()");
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.execute("drop event trigger sees");
            assertThat(warehouse.query("select count(*) from seen where made like '%cdc_last_of_keys'"))
                    .containsExactly(options.largeRows == 1 ? "1" : "0");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uuid|text|7f1d0c2e-55aa-4c3b-9e21-000000000001",
                "varchar(40)|text|7f1d0c2e-55aa-4c3b-9e21-000000000001",
                "text|int64|7",
                "numeric(40,2)|text|7.00"
            })
    void aTableOfTheUserMayHaveAKeyOfItsOwnType(String type, String source, String id) throws Exception {
        TableSchema schema = TestWarehouse.schema(1, "id", ColumnType.parse(source), "age", ColumnType.INT32);
        Object key = source.equals("int64") ? Long.valueOf(id) : id;
        options.history = false;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute(
                    "create schema s",
                    "create table s.t (id " + type
                            + " primary key, age int, cdc_timestamp timestamptz, cdc_op text, cdc_position text, cdc_deleted boolean)");
            warehouse.create(schema, key, 36);
            warehouse.checkpoint();
            warehouse.update(schema, key, 37);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, age from s.t")).containsExactly(id + "|37");
        }
    }

    @Test
    void aRoleThatMayMakeNoTemporaryTablesIsEnough() throws Exception {
        try (Connection admin = server.connect(database);
                Statement statement = admin.createStatement()) {
            statement.execute("create role \"" + database + "\" login password 'secret'");
            statement.execute("revoke temporary on database \"" + database + "\" from public");
            statement.execute("grant create on database \"" + database + "\" to \"" + database + "\"");
        }
        try (TestWarehouse warehouse = new TestWarehouse(server.jdbcUrl(database), database, "secret", 1, options)) {
            assertThatThrownBy(() -> warehouse.execute("create temporary table t (a int)"))
                    .hasMessageContaining("permission denied");
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.update(PEOPLE, 1, "Ada", 37);
            warehouse.checkpoint();
            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|37");
        }
    }

    @Test
    void everyTypeKeepsItsValues() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(
                    EVERY_TYPE,
                    Long.MIN_VALUE,
                    true,
                    -32768,
                    1.5e-7f,
                    Double.NaN,
                    new BigDecimal("-1234567890.12"),
                    new BigDecimal("-1234567890123456789012345678.0123456789"),
                    "tab\t line\n back\\slash \\N 'quote' \"ż\" \u0001",
                    "{\"b\": [1, 2.50], \"a\": \"\\u0000\"}",
                    new byte[] {0, (byte) 255, '\\'},
                    -719_529,
                    86_400_000_000L,
                    -1L,
                    1_709_212_455_500_001L);
            warehouse.create(
                    EVERY_TYPE,
                    Long.MAX_VALUE,
                    null,
                    null,
                    null,
                    null,
                    null,
                    null,
                    "",
                    null,
                    new byte[0],
                    null,
                    null,
                    null,
                    null);
            warehouse.create(
                    EVERY_TYPE,
                    0L,
                    false,
                    0,
                    0f,
                    Double.NEGATIVE_INFINITY,
                    null,
                    null,
                    "a\0b",
                    null,
                    null,
                    Integer.MAX_VALUE,
                    0L,
                    Long.MIN_VALUE,
                    Long.MAX_VALUE);
            warehouse.checkpoint();

            String columns = "id, truth, small, real4, real8, money, wide, words, json, raw, day, noon, local, moment";
            assertThat(warehouse.query("select " + columns + " from s.t order by id"))
                    .containsExactly(
                            "-9223372036854775808|t|-32768|1.5e-07|NaN|-1234567890.12|-1234567890123456789012345678.0123456789|tab\t line\n back\\slash \\N 'quote' \"ż\" \u0001|{\"b\": [1, 2.50], \"a\": \"\\u0000\"}|\\x00ff5c|0002-12-31 BC|24:00:00|1969-12-31 23:59:59.999999|2024-02-29 13:14:15.500001+00",
                            "0|f|0|0|-Infinity|null|null|a\uFFFDb|null|null|null|00:00:00|null|294247-01-10 04:00:54.775807+00",
                            "9223372036854775807|null|null|null|null|null|null||null|\\x|null|null|null|null");
            Map<String, String> types;
            try (var connection = warehouse.connect()) {
                types = warehouse.dialect.columns(connection, TestWarehouse.TABLE);
            }
            EVERY_TYPE.columns().forEach(column -> assertThat(
                            warehouse.dialect.held(Objects.requireNonNull(types.get(column.name()))))
                    .isEqualTo(column.type()));
        }
    }

    @Test
    void aLostConnectionIsMadeAgainAndRowsThatWentWithItAreMissed() throws Exception {
        options.rows = 1;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            cut(warehouse);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40");

            warehouse.create(PEOPLE, 3, "Cy", 1);
            warehouse.execute("delete from " + warehouse.stage()); // as a crash of the server would
            cut(warehouse);
            assertThatThrownBy(warehouse::cut).hasMessageContaining("has lost rows that were staged");
        }
    }

    /** Cuts all connections to the database but the one that does it. */
    private void cut(TestWarehouse warehouse) throws Exception {
        warehouse.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    }

    @Test
    void aServerThatIsKilledIsWaitedForAndLosesNothingThatACheckpointHas(@TempDir Path own) throws Exception {
        options.rows = 1;
        int port = Ports.free(25_732);
        PostgresServer killed = PostgresServer.start(SharedPrograms.in(own), port);
        killed.createDatabase("warehouse");
        try (TestWarehouse warehouse =
                new TestWarehouse(killed.jdbcUrl("warehouse"), killed.user(), killed.password(), 1, options)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.create(PEOPLE, 2, "Bob", 40);
            kill(own);
            killed = PostgresServer.start(own, port);
            WarehouseCommittable cut;
            try {
                cut = warehouse.cut(); // what was staged may have outlived the kill, or not
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("has lost rows that were staged");
                warehouse.restartWriters(1);
                warehouse.create(PEOPLE, 2, "Bob", 40);
                cut = warehouse.cut();
            }
            kill(own);
            CompletableFuture<Void> commit = commitLater(warehouse, cut);
            assertThat(commit).isNotDone();
            killed = PostgresServer.start(own, port);
            commit.get(60, TimeUnit.SECONDS);
            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40");
            assertThat(warehouse.query(HISTORY)).hasSize(2);
        } finally {
            killed.close();
        }
    }

    private static CompletableFuture<Void> commitLater(TestWarehouse warehouse, WarehouseCommittable cut) {
        return CompletableFuture.runAsync(() -> {
            try {
                warehouse.commit(cut);
            } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static void kill(Path home) throws IOException {
        long pid = Long.parseLong(
                Files.readAllLines(home.resolve("data/postmaster.pid")).get(0));
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        postmaster.destroyForcibly();
        await().until(() -> !postmaster.isAlive());
    }

    @Test
    void aTableOfTheUserIsCheckedAndNotAltered() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute("create schema s", "create table s.t (id int primary key, name varchar(10), age int)");
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            assertThat(warehouse.query("select set_aside from tributary.cdc_mirrors"))
                    .singleElement()
                    .asString()
                    .isEqualTo(
                            "s.t is there and was not made by Tributary, and lacks [cdc_timestamp, cdc_op, cdc_position, cdc_deleted]: add them, or drop the table, or give the mirror another name with 'tables.*.to'");
            warehouse.execute(
                    "alter table s.t add cdc_timestamp timestamptz, add cdc_op text, add cdc_position text, add cdc_deleted boolean, alter age type numeric");
            await("what was staged is there")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> warehouse.query(MIRROR).equals(List.of("1|Ada|36")));
            assertThat(
                            warehouse.query(
                                    "select format_type(atttypid, atttypmod) from pg_attribute where attrelid = 's.t'::regclass and attname in ('name', 'age') order by 1"))
                    .containsExactly("character varying(10)", "numeric");

            warehouse.write(0, Operation.CREATE, PEOPLE, 5, 2, "much too long", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query("select set_aside from tributary.cdc_mirrors"))
                    .singleElement()
                    .asString()
                    .contains("value too long for type character varying(10) [22001]");
            warehouse.execute("alter table s.t alter name type varchar(20)");
            await("what was staged is there")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> warehouse.query(MIRROR).equals(List.of("1|Ada|36", "2|much too long|40")));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "numeric(12,1)|numeric(12,2)|decimal(12,2)",
                "integer|numeric(12,2)|decimal(12,2)",
                "double precision|numeric(12,2)|decimal(12,2)",
                "real|double precision|float64",
                "date|timestamp without time zone|timestamp",
                "double precision|bigint|int64"
            })
    void aColumnOfTheUserThatWouldRoundIsRefused(String type, String needed, String source) throws Exception {
        TableSchema schema = TestWarehouse.schema(1, "id", ColumnType.INT32, "v", ColumnType.parse(source));
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute(
                    "create schema s",
                    "create table s.t (id int primary key, v " + type
                            + ", cdc_timestamp timestamptz, cdc_op text, cdc_position text, cdc_deleted boolean)");
            assertThatThrownBy(() -> warehouse.create(schema, 1, null))
                    .rootCause()
                    .hasMessage(
                            "s.t is there and was not made by Tributary, and its column 'v' of type %s would round what the source has as %s: give it the type %s, or the source's another with 'tables.*.types'",
                            type, source, needed);
        }
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute("alter table s.t alter v type " + needed + " using null");
            warehouse.create(schema, 1, null);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, v from s.t")).containsExactly("1|null");
        }
    }

    @Test
    void aColumnOfTheUserThatWouldRoundIsAlteredWhereThatIsAllowed() throws Exception {
        TableSchema schema = TestWarehouse.schema(1, "id", ColumnType.INT32, "v", ColumnType.decimal(12, 2));
        options.alter = true;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.execute(
                    "create schema s",
                    "create table s.t (id int primary key, v int, cdc_timestamp timestamptz, cdc_op text, cdc_position text, cdc_deleted boolean)");
            warehouse.create(schema, 1, new BigDecimal("1.25"));
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, v from s.t")).containsExactly("1|1.25");
        }
    }

    @Test
    void theKeyThatATableGetsHasAnIndex() throws Exception {
        TableSchema keyed = TestWarehouse.schema(1, "a", ColumnType.INT32, "b", ColumnType.TEXT);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(KEYLESS, 1, "x");
            warehouse.create(keyed, 2, "y");
            warehouse.checkpoint();
            assertThat(warehouse.query("select indexdef from pg_indexes where tablename = 't'"))
                    .singleElement()
                    .asString()
                    .startsWith("CREATE INDEX")
                    .endsWith("(a)");
        }
    }
}
