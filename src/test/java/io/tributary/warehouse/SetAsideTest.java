package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.Server;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** One mirror that the warehouse refuses: all others go on, and so do checkpoints. */
@Server
@Timeout(120)
class SetAsideTest {
    private static final TableSchema BAD =
            TestWarehouse.schema(1, "id", ColumnType.TEXT, "name", ColumnType.TEXT, "n", ColumnType.INT32);
    private static final TableSchema GOOD = ofIds("s", "good");
    private static final Duration SOON = Duration.ofSeconds(30);

    private static int databases;

    @TempDir
    private static Path folder;

    private static PostgresServer server;

    private final TestWarehouse.Options options = new TestWarehouse.Options();
    private String database;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(26_432));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void create() throws Exception {
        database = "aside" + ++databases;
        server.createDatabase(database);
    }

    private TestWarehouse open() {
        return new TestWarehouse(server.jdbcUrl(database), server.user(), server.password(), 1, options);
    }

    private static TableSchema ofIds(String schema, String table) {
        return new TableSchema(
                "cdc." + schema + "." + table,
                new TableName(schema, table),
                List.of(new Column("id", ColumnType.INT32)),
                List.of(0));
    }

    private static void put(TestWarehouse warehouse, TableSchema schema, int id) throws Exception {
        warehouse.write(0, Operation.CREATE, schema, 1000 + id, id);
    }

    private static List<String> asides(TestWarehouse warehouse) throws Exception {
        return warehouse.query(
                "select source, set_aside, needs_repair from tributary.cdc_mirrors where set_aside is not null");
    }

    /** What is put in the way, what the warehouse says, and what takes it out of the way. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            alter table s.t add check (n < 100)     | violates check constraint    | alter table s.t drop constraint t_n_check
            alter table s.t add other int not null default 0; alter table s.t alter other drop default | violates not-null | alter table s.t drop other
            create unique index u on s.t (name)     | duplicate key value          | drop index s.u
            alter table s.t drop name               | column "name" of relation    | alter table s.t add name text
            alter table s.t drop n; alter table s.t add n date | column "n" is of type date | alter table s.t drop n; alter table s.t add n int
            create function s.no() returns trigger language plpgsql as $$begin if new.id = 'x' then raise 'no %', new.id; end if; return new; end$$; create trigger no before insert on s.t for each row execute function s.no() | no x | drop trigger no on s.t
            alter table s.t rename to other         | "s.t" does not exist         | alter table s.other rename to t
            alter table s.t_history drop name cascade | of relation "t_history"    | alter table s.t_history add name text
            """)
    void aMirrorThatCannotTakeItsRowsStandsStillAloneAndGoesOnByItself(String obstacle, String told, String remedy)
            throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.create(BAD, "a", "first", 1);
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            warehouse.execute(obstacle);
            warehouse.create(BAD, "x", "same", 100);
            warehouse.create(BAD, "y", "same", 2);
            put(warehouse, GOOD, 2);
            warehouse.checkpoint();
            warehouse.update(BAD, "x", "same", 300);
            put(warehouse, GOOD, 3);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good order by id")).containsExactly("1", "2", "3");
            assertThat(asides(warehouse))
                    .singleElement()
                    .asString()
                    .startsWith("s.t|")
                    .contains(told)
                    .endsWith("|null");

            warehouse.execute(remedy);
            await("it goes on").atMost(SOON).until(() -> asides(warehouse).isEmpty());
            assertThat(warehouse.query("select id, n from s.t where id <> 'a' order by id"))
                    .containsExactly("x|300", "y|2");
            put(warehouse, GOOD, 4);
            warehouse.delete(BAD, "y", "same", 2);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.t where id = 'y'")).isEmpty();
            assertThat(warehouse.query("select cdc_op, id from s.t_history order by cdc_seq"))
                    .containsExactly("c|a", "c|x", "c|y", "u|x", "d|y");
        }
    }

    @Test
    void aKeyThatTheUsersIndexDoesNotTakeWaitsUntilThereIsNone() throws Exception {
        String key = IntStream.range(0, 20_000)
                .mapToObj(i -> Integer.toHexString(i * 7919))
                .reduce("", String::concat);
        try (TestWarehouse warehouse = open()) {
            warehouse.execute(
                    "create schema s",
                    "create table s.t (id text primary key, name text, n int, cdc_timestamp timestamptz, cdc_op text,"
                            + " cdc_position text, cdc_deleted boolean)");
            warehouse.create(BAD, key, "long", 1);
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.good")).containsExactly("1");
            assertThat(asides(warehouse)).singleElement().asString().contains("index row");

            warehouse.execute("alter table s.t drop constraint t_pkey");
            await("it goes on")
                    .atMost(SOON)
                    .until(() -> warehouse.query("select name from s.t").size() == 1);
        }
    }

    @Test
    void aMirrorThatCannotBeMadeIsMadeOnceItCan() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.execute("create schema s", "create type s.t as enum ('in the way')");
            warehouse.create(BAD, "a", "first", 1);
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            warehouse.create(BAD, "b", "second", 2);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.good")).containsExactly("1");
            assertThat(asides(warehouse)).singleElement().asString().contains("type \"t\" already exists");

            warehouse.execute("drop type s.t");
            await("it goes on").atMost(SOON).until(() -> {
                warehouse.checkpoint();
                return asides(warehouse).isEmpty();
            });
            assertThat(warehouse.query("select id from s.t order by id")).containsExactly("a", "b");
        }
    }

    @Test
    void aTableOfTheUserThatLacksColumnsWaitsForThem() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.execute("create schema s", "create table s.t (id text primary key, name text)");
            warehouse.create(BAD, "a", "b", 1);
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.good")).containsExactly("1");
            assertThat(asides(warehouse)).singleElement().asString().contains("was not made by Tributary, and lacks");

            warehouse.execute("alter table s.t add n int, add cdc_timestamp timestamptz, add cdc_op text,"
                    + " add cdc_position text, add cdc_deleted boolean");
            await("it goes on").atMost(SOON).until(() -> {
                warehouse.checkpoint();
                return warehouse.query("select id from s.t where n = 1").contains("a")
                        && asides(warehouse).isEmpty();
            });
        }
    }

    @Test
    void aTableOfMoreColumnsThanTheWarehouseTakesIsMarkedForRepair() throws Exception {
        List<Object> columns = new ArrayList<>(List.of("id", ColumnType.TEXT));
        List<Object> values = new ArrayList<>(List.of("a"));
        for (int i = 0; i < 1700; i++) {
            columns.addAll(List.of("c" + i, ColumnType.INT32));
            values.add(i);
        }
        TableSchema wide = TestWarehouse.schema(1, columns.toArray());
        try (TestWarehouse warehouse = open()) {
            warehouse.create(wide, values.toArray());
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            warehouse.create(BAD, "b", "rows of another schema would leave a gap", 1);
            put(warehouse, GOOD, 2);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good order by id")).containsExactly("1", "2");
            assertThat(asides(warehouse))
                    .singleElement()
                    .asString()
                    .contains("at most 1600 columns")
                    .endsWith("|t");

            warehouse.restore();
            warehouse.create(BAD, "c", "still a gap", 1);
            put(warehouse, GOOD, 3);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.good order by id")).containsExactly("1", "2", "3");
            assertThat(warehouse.query("select count(*) from tributary.cdc_offsets where mirror like '%\"t\"'"))
                    .containsExactly("0");
        }
    }

    /** Of two writers of a table one may give up: what the other has staged says nothing of the rows between. */
    @Test
    void noFencePassesRowsThatAWriterHasGivenUp() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.create(BAD, "a", "first", 1);
            warehouse.checkpoint();
            warehouse.create(BAD, "b", "second", 2);
            put(warehouse, GOOD, 1);
            warehouse.passed(new WarehouseCommittable.Passed(
                    BAD.table(), List.of(new StagedRows.Place(BAD.topic(), 0, 2, 2, "", null)), "why"));
            warehouse.checkpoint();
            warehouse.create(BAD, "d", "fourth", 4);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good")).containsExactly("1");
            assertThat(warehouse.query("select id from s.t")).containsExactly("a");
            assertThat(warehouse.query("select staged, applied from tributary.cdc_offsets where topic = 'cdc.s.t'"))
                    .containsExactly("1|1");
            assertThat(asides(warehouse)).singleElement().asString().isEqualTo("s.t|why|t");
        }
    }

    @Test
    void twoTablesOfOneMirrorAreNotMixed() throws Exception {
        options.names = new Names("s", "", null, null, new HashMap<>(), Letters.KEEP);
        TableSchema other = ofIds("o", "good");
        try (TestWarehouse warehouse = open()) {
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            put(warehouse, other, 7);
            put(warehouse, GOOD, 2);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good order by id")).containsExactly("1", "2");
            assertThat(asides(warehouse)).isEmpty(); // nothing is wrong with s.good
        }
    }

    @Test
    void aMirrorCalledAsTheHistoryOfAnotherIsNotMixedWithIt() throws Exception {
        TableSchema history = ofIds("s", "good_history");
        try (TestWarehouse warehouse = open()) {
            put(warehouse, history, 7);
            warehouse.checkpoint();
            put(warehouse, GOOD, 1);
            warehouse.create(BAD, "a", "beside", 1);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good_history")).containsExactly("7");
            assertThat(warehouse.query("select id from s.t")).containsExactly("a");
            assertThat(asides(warehouse))
                    .singleElement()
                    .asString()
                    .contains("the history of s.good would be in s.good_history");
        }
    }

    @Test
    void namesThatTheWarehouseKeepsToItselfGetAnother() throws Exception {
        TableSchema system = new TableSchema(
                "cdc.pg_x.tiles",
                new TableName("pg_x", "tiles"),
                List.of(
                        new Column("id", ColumnType.INT32),
                        new Column("xmin", ColumnType.TEXT),
                        new Column("ctid", ColumnType.TEXT),
                        new Column("XMAX", ColumnType.INT32)),
                List.of(0));
        TableSchema ours = new TableSchema(
                "cdc.tributary.cdc_offsets",
                new TableName("tributary", "cdc_offsets"),
                List.of(new Column("mirror", ColumnType.TEXT), new Column("staged", ColumnType.INT64)),
                List.of(0));
        try (TestWarehouse warehouse = open()) {
            warehouse.write(0, Operation.CREATE, system, 1, 1, "min", "x", 4);
            warehouse.write(0, Operation.CREATE, ours, 2, "forged", 1_000_000L);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, xmin_, ctid_, \"XMAX\" from cdc_pg_x.tiles"))
                    .containsExactly("1|min|x|4");
            assertThat(warehouse.query("select mirror, staged from tributary.cdc_offsets_"))
                    .containsExactly("forged|1000000");
            assertThat(warehouse.query("select count(*) from tributary.cdc_offsets where mirror = 'forged'"))
                    .containsExactly("0");
        }
    }

    @Test
    void aLedgerOfAnEarlierVersionGetsWhatItLacks() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, GOOD, 1);
            warehouse.checkpoint();
            warehouse.execute("alter table tributary.cdc_mirrors drop set_aside, drop needs_repair");
            warehouse.restartWriters(10);
            put(warehouse, GOOD, 2);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.good order by id")).containsExactly("1", "2");
            assertThat(asides(warehouse)).isEmpty();
        }
    }
}
