package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
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
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A mirror that has lost what it had gets nothing more and says what it lacks; all others go on. */
@Server
@Timeout(120)
class WarehouseContinuityTest {
    private static final TableSchema LOST = schema("t");
    private static final TableSchema KEYLESS = new TableSchema(LOST.topic(), LOST.table(), LOST.columns(), List.of());
    private static final TableSchema QUIET = schema("quiet");

    private static int databases;

    @TempDir
    private static Path folder;

    private static PostgresServer server;

    private final TestWarehouse.Options options = new TestWarehouse.Options();
    private String database;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder.resolve("postgres")), Ports.free(26_532));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @BeforeEach
    void create() throws Exception {
        database = "lost" + ++databases;
        server.createDatabase(database);
    }

    private static TableSchema schema(String table) {
        return new TableSchema(
                "cdc.s." + table, new TableName("s", table), List.of(new Column("id", ColumnType.INT32)), List.of(0));
    }

    private TestWarehouse open() {
        return new TestWarehouse(server.jdbcUrl(database), server.user(), server.password(), 1, options);
    }

    private static void put(TestWarehouse warehouse, TableSchema schema, int offset) throws Exception {
        warehouse.write(0, Operation.CREATE, schema, offset, offset);
    }

    private void writeAndLoseTheLedger(TableSchema schema, int... offsets) throws Exception {
        try (TestWarehouse warehouse = open()) {
            for (int offset : offsets) {
                put(warehouse, schema, offset);
            }
            warehouse.checkpoint();
            warehouse.execute("drop schema tributary cascade");
        }
    }

    private static List<String> ids(TestWarehouse warehouse, String table) throws SQLException {
        return warehouse.query("select id from s." + table + " order by id");
    }

    /** Why mirrors need repair. */
    private static List<String> needs(TestWarehouse warehouse) throws SQLException {
        return warehouse.query("select source, set_aside from tributary.cdc_mirrors where needs_repair order by 1");
    }

    private static List<String> staged(TestWarehouse warehouse) throws SQLException {
        return warehouse.query("select count(*) from " + warehouse.stage());
    }

    /** The warehouse is what it was when this was made, or nothing. */
    private void restore(@Nullable String backup) throws SQLException {
        admin("drop database " + database + " with (force)");
        admin("create database " + database + (backup == null ? "" : " template " + backup));
    }

    private void backup(String name) throws SQLException {
        admin("alter database " + database + " with allow_connections false"); // who lost one comes back at once
        admin("select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '" + database + "'");
        admin("create database " + name + " template " + database);
        admin("alter database " + database + " with allow_connections true");
    }

    private static void admin(String statement) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
                Statement all = connection.createStatement()) {
            all.execute(statement);
        }
    }

    @Test
    void aWarehouseThatWasRestoredFromABackup() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            String backup = "backup_of_" + database;
            backup(backup);
            put(warehouse, LOST, 3);
            warehouse.checkpoint();
            restore(backup);
            put(warehouse, LOST, 5);
            put(warehouse, QUIET, 6);
            warehouse.checkpoint();
            put(warehouse, LOST, 7);
            warehouse.checkpoint();

            assertThat(ids(warehouse, "t")).containsExactly("1");
            assertThat(ids(warehouse, "quiet")).containsExactly("2", "6"); // it lacks nothing
            assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .contains("s.t|it has what is before offset 2 of cdc.s.t-0, and the job goes on at offset 4");
            assertThat(staged(warehouse)).containsExactly("0"); // nothing piles up
        }
        try (TestWarehouse fresh = open()) { // without state: all of the topics comes again
            for (int offset : List.of(1, 3, 5, 7)) {
                put(fresh, LOST, offset);
            }
            fresh.checkpoint();

            assertThat(needs(fresh)).isEmpty();
            assertThat(ids(fresh, "t")).containsExactly("1", "3", "5", "7");
        }
    }

    @Test
    void aWarehouseThatIsEmptyWhileTheJobRuns() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            WarehouseCommittable cut;
            put(warehouse, LOST, 2);
            cut = warehouse.cut();
            restore(null);
            warehouse.commit(cut);

            assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .contains("before offset 0 of cdc.s.t-0, and the job goes on at offset 2");
        }
    }

    /** Nothing comes that would show it. */
    @Test
    void aQuietMirrorThatWentBackWhileTheJobRuns() throws Exception {
        options.proveMillis = 200;
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("update tributary.cdc_offsets set staged = 1, applied = 1");

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .contains("before offset 1 of cdc.s.t-0, and the job goes on at offset 2"));
        }
    }

    @Test
    void aSavepointOverAnEmptyWarehouse() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            restore(null);
            warehouse.restore();
            put(warehouse, LOST, 3);
            warehouse.checkpoint();

            assertThat(needs(warehouse))
                    .hasSize(2)
                    .anySatisfy(each -> assertThat(each).startsWith("s.quiet|it has what is before offset 0"))
                    .anySatisfy(each -> assertThat(each).startsWith("s.t|it has what is before offset 0"));
            warehouse.restore();
            put(warehouse, QUIET, 4);
            warehouse.checkpoint();
            assertThat(needs(warehouse)).hasSize(2);
            assertThat(warehouse.query("select count(*) from s.quiet")).containsExactly("0");
        }
    }

    /** The history says how far a mirror comes. */
    @Test
    void aLedgerThatWasDropped() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            warehouse.execute("drop schema tributary cascade");
            put(warehouse, QUIET, 3);
            // the writers lose what they had staged, and the job goes back to its checkpoint
            warehouse.restore();
            put(warehouse, QUIET, 3);
            warehouse.checkpoint();

            assertThat(ids(warehouse, "quiet")).containsExactly("2", "3");
            assertThat(ids(warehouse, "quiet_history")).containsExactly("2", "3");
            put(warehouse, LOST, 4);
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t_history")).containsExactly("1", "4");
            assertThat(needs(warehouse)).isEmpty();
        }
    }

    /** Without a key, and so with nothing but the fence to tell a row that comes again. */
    @Test
    void aLedgerThatWasDroppedBeforeAJobWithoutState() throws Exception {
        writeAndLoseTheLedger(KEYLESS, 1, 3);
        try (TestWarehouse fresh = open()) {
            for (int offset : List.of(1, 3, 5)) {
                put(fresh, KEYLESS, offset);
            }
            fresh.checkpoint();

            assertThat(needs(fresh)).isEmpty();
            assertThat(ids(fresh, "t")).containsExactly("1", "3", "5");
            assertThat(ids(fresh, "t_history")).containsExactly("1", "3", "5");
        }
    }

    /** Rows without a key are found by the order in which they came, which writers number. */
    @Test
    void aRowThatComesAfterTheLedgerWasLostIsNotTakenForAnother() throws Exception {
        writeAndLoseTheLedger(KEYLESS, 1, 3);
        try (TestWarehouse fresh = open()) {
            for (int offset : List.of(1, 3, 5)) {
                put(fresh, KEYLESS, offset);
            }
            fresh.checkpoint();
            fresh.write(0, Operation.DELETE, KEYLESS, 6, 5);
            fresh.checkpoint();

            assertThat(ids(fresh, "t")).containsExactly("1", "3");
            assertThat(fresh.query("select count(distinct cdc_seq) from s.t_history"))
                    .containsExactly("4");
        }
    }

    /** The history is of a topic of before, and says nothing of this one. */
    @Test
    void aTopicThatWasMadeAnewAndALedgerThatWasDropped() throws Exception {
        writeAndLoseTheLedger(LOST, 1, 9);
        try (TestWarehouse fresh = open()) {
            put(fresh, LOST, 2);
            fresh.checkpoint();

            assertThat(needs(fresh))
                    .singleElement()
                    .asString()
                    .contains("the history does not have offset 2 of cdc.s.t-0: the topic was made anew");
        }
    }

    /** Its repaired change stands in the history at the place that it had first. */
    @Test
    void aDeadLetterThatWasOfferedAgainSaysNothingOfThoseThatCome() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, LOST, 7);
            warehouse.checkpoint();
            warehouse.execute(
                    "update s.t_history set cdc_topic = 'replays' where id = 7", "drop schema tributary cascade");
        }
        try (TestWarehouse fresh = open()) {
            put(fresh, LOST, 1);
            fresh.checkpoint();
            assertThat(fresh.query("select topic, staged from tributary.cdc_offsets"))
                    .containsExactly("cdc.s.t|2");
        }
    }

    /** A table of the user's that is called like a history. */
    @Test
    void aTableThatIsCalledLikeAHistoryIsNoneOfOurs() throws Exception {
        try (TestWarehouse warehouse = open()) {
            warehouse.execute("create schema s", "create table s.t_history (id int)");
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            assertThat(ids(warehouse, "quiet")).containsExactly("2");
        }
    }

    /** Its history is left, and says how far it came; but the rows are gone. */
    @Test
    void aMirrorThatWasDroppedWithTheLedger() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop schema tributary cascade", "drop view s.t_versions", "drop table s.t");
        }
        try (TestWarehouse fresh = open()) {
            put(fresh, LOST, 1);
            put(fresh, LOST, 3);
            fresh.checkpoint();

            assertThat(needs(fresh))
                    .singleElement()
                    .asString()
                    .contains("is gone, and the ledger says how far it came");
            fresh.show(0, 1, LOST, rows(1, 3));
            fresh.checkpoint();
            assertThat(needs(fresh)).isEmpty();
            assertThat(ids(fresh, "t")).containsExactly("1", "3");
            assertThat(ids(fresh, "t_history")).containsExactly("1");
            assertThat(fresh.query("select first_lost, next_there from tributary.cdc_gaps"))
                    .containsExactly("2|4");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cdc_mirrors", "cdc_offsets", "cdc_staged", "cdc_writers"})
    void aTableOfTheLedgerThatWasDroppedWhileTheJobRuns(String table) throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            warehouse.execute("drop table tributary." + table);
            put(warehouse, LOST, 3);
            warehouse.checkpoint();

            assertThat(needs(warehouse)).anySatisfy(each -> assertThat(each)
                    .startsWith(
                            table.equals("cdc_mirrors")
                                    ? "s.t|it has what is before offset 0"
                                    : "s.t|the ledger has lost " + table));
            assertThat(ids(warehouse, "t")).containsExactly("1");
        }
        try (TestWarehouse fresh = open()) { // without state: all of the topics comes again
            for (int offset : List.of(1, 3)) {
                put(fresh, LOST, offset);
            }
            put(fresh, QUIET, 2);
            fresh.checkpoint();

            assertThat(needs(fresh)).isEmpty();
            assertThat(ids(fresh, "t")).containsExactly("1", "3");
            assertThat(ids(fresh, "t_history")).containsExactly("1", "3");
        }
    }

    /** Whoever may not see it must not take it for gone. */
    @Test
    void aTableOfTheLedgerThatIsHidden() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("insert into tributary.cdc_staged values ('other', 1, 'batch')");
            warehouse.execute("create role hidden login password 'hidden'");
            warehouse.execute("grant usage, create on schema tributary to hidden");
            warehouse.execute("grant all on all tables in schema tributary to hidden");
            warehouse.execute("revoke all on tributary.cdc_offsets from hidden");
            Ledger ledger = new Ledger(warehouse.dialect, warehouse.dialect.own("tributary"));
            try (Connection hidden = DriverManager.getConnection(server.jdbcUrl(database), "hidden", "hidden")) {
                assertThat(ledger.restore(hidden)).isFalse();
            }

            assertThat(warehouse.query("select batch from tributary.cdc_staged"))
                    .containsExactly("batch");
        }
    }

    /** Nothing comes that would show it. */
    @Test
    void aTableOfTheLedgerThatWasDroppedWhileNothingComes() throws Exception {
        options.proveMillis = 200;
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop table tributary.cdc_offsets");

            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .startsWith("s.t|the ledger has lost cdc_offsets"));
        }
    }

    /** One that cannot begin with what is left of it. */
    @ParameterizedTest
    @ValueSource(strings = {"cdc_mirrors", "cdc_offsets", "cdc_staged", "cdc_gaps"})
    void aTableOfTheLedgerThatWasDroppedBeforeTheJob(String table) throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop table tributary." + table);
        }
        try (TestWarehouse fresh = open()) {
            put(fresh, LOST, 1);
            put(fresh, LOST, 3);
            fresh.checkpoint();

            assertThat(needs(fresh)).isEmpty();
            assertThat(ids(fresh, "t")).containsExactly("1", "3");
            assertThat(ids(fresh, "t_history")).containsExactly("1", "3");
        }
    }

    /** A submission asks whether there are mirrors: a job whose state is past what would fill new ones goes on with these. */
    @ParameterizedTest
    @ValueSource(strings = {"cdc_offsets", "cdc_staged", "cdc_writers"})
    void mirrorsAreThereWhateverTheLedgerHasLostOfThem(String table) throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop table tributary." + table);
            try (WarehouseProbe probe = new WarehouseProbe(warehouse.settings)) {
                probe.check();
                assertThat(probe.reached()).containsKey("s.t");
            }
        }
    }

    /** PostgreSQL's IF NOT EXISTS fails where another makes the same at once. */
    @ParameterizedTest
    @ValueSource(strings = {"schema tributary cascade", "table tributary.cdc_offsets", "table tributary.cdc_mirrors"})
    void manyThatFindTheLedgerGoneMakeItAtOnce(String gone) throws Exception {
        List<WarehouseProbe> probes = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (TestWarehouse warehouse = open()) {
            for (int i = 0; i < 8; i++) {
                probes.add(new WarehouseProbe(warehouse.settings));
                probes.get(i).prepare();
            }
            for (int round = 0; round < 10; round++) {
                warehouse.execute("drop " + gone);
                for (Future<?> made : threads.invokeAll(probes.stream()
                        .<Callable<@Nullable Void>>map(probe -> () -> {
                            probe.prepare();
                            return null;
                        })
                        .toList())) {
                    made.get();
                }
                assertThat(needs(warehouse)).isEmpty();
            }
        } finally {
            threads.shutdownNow();
            probes.forEach(WarehouseProbe::close);
        }
    }

    @Test
    void rowsThatAWriterGaveUpAreAGapAlsoAfterARestart() throws Exception {
        TableSchema wide = new TableSchema(
                LOST.topic(),
                LOST.table(),
                java.util.stream.IntStream.range(0, 1700)
                        .mapToObj(i -> new Column("c" + i, ColumnType.INT32))
                        .toList(),
                List.of());
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.write(0, Operation.CREATE, wide, 2, (Object[]) new Integer[1700]);
            warehouse.checkpoint();
            assertThat(needs(warehouse)).hasSize(1);
            String reason = needs(warehouse).get(0);

            warehouse.restore();
            put(warehouse, LOST, 3);
            warehouse.checkpoint();

            assertThat(needs(warehouse)).containsExactly(reason); // what it came by
            assertThat(ids(warehouse, "t")).containsExactly("1");
        }
    }

    /** A table that had none, and gets one, with the savepoint of before. */
    @Test
    void aMirrorThatWouldBeginInTheMiddle() throws Exception {
        options.without.add("s.t");
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, QUIET, 2);
            warehouse.checkpoint();
            warehouse.settings.without().clear();
            warehouse.restore();
            put(warehouse, LOST, 3);
            warehouse.checkpoint();

            assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .contains("s.t|it has what is before offset 0 of cdc.s.t-0, and the job goes on at offset 2");
            assertThat(ids(warehouse, "t")).isEmpty();
        }
    }

    @Test
    void aTopicThatWasMadeAnew() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, ofTopic("first"), 1);
            warehouse.checkpoint();
            put(warehouse, ofTopic("second"), 2);
            warehouse.checkpoint();

            assertThat(needs(warehouse))
                    .singleElement()
                    .asString()
                    .contains("an earlier topic cdc.s.t, with the id first", "with the id second");
            assertThat(ids(warehouse, "t")).containsExactly("1");
        }
    }

    private static List<@Nullable Object[]> rows(Integer... ids) {
        return Arrays.stream(ids).map(id -> new @Nullable Object[] {id}).toList();
    }

    @Test
    void aMirrorThatLacksSomethingIsFilledWithTheRowsThatTheJobHas() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            String backup = "backup_of_" + database;
            backup(backup);
            put(warehouse, LOST, 3);
            warehouse.checkpoint();
            restore(backup);
            put(warehouse, LOST, 5);
            warehouse.checkpoint();
            assertThat(needs(warehouse)).hasSize(1);

            put(warehouse, LOST, 7);
            warehouse.show(0, 1, LOST, rows(1, 3, 5, 7));
            WarehouseCommittable cut = warehouse.cut();
            warehouse.commit(cut);
            warehouse.commit(cut); // again, after a crash

            assertThat(needs(warehouse)).isEmpty();
            assertThat(ids(warehouse, "t")).containsExactly("1", "3", "5", "7");
            assertThat(ids(warehouse, "t_history")).containsExactly("1", "7"); // what it cannot have is not made up
            assertThat(warehouse.query("select topic, kafka_partition, first_lost, next_there from tributary.cdc_gaps"))
                    .containsExactly("cdc.s.t|0|2|6");
            assertThat(staged(warehouse)).containsExactly("0");

            put(warehouse, LOST, 9);
            warehouse.checkpoint();
            warehouse.restore();
            put(warehouse, LOST, 11);
            warehouse.checkpoint();
            assertThat(needs(warehouse)).isEmpty();
            assertThat(ids(warehouse, "t")).containsExactly("1", "3", "5", "7", "9", "11");
        }
    }

    /** What a writer lets go in the very checkpoint that fills the mirror is in no history either. */
    @Test
    void whatWasGivenUpInTheCheckpointThatFillsAMirrorIsNotedAsLost() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop view if exists s.t_versions", "drop table s.t cascade");
            warehouse.restore();
            put(warehouse, LOST, 3);
            put(warehouse, LOST, 5);
            warehouse.show(0, 1, LOST, rows(1, 3, 5));
            warehouse.checkpoint();

            assertThat(needs(warehouse)).isEmpty();
            assertThat(ids(warehouse, "t")).containsExactly("1", "3", "5");
            assertThat(ids(warehouse, "t_history")).containsExactly("1");
            assertThat(warehouse.query("select topic, kafka_partition, first_lost, next_there from tributary.cdc_gaps"))
                    .containsExactly("cdc.s.t|0|3|6");
        }
    }

    /** The rows are given again, and what they replaced was not staged. */
    @Test
    void whatWasGivenUpInACheckpointThatWasAbortedIsNotedByTheNext() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop view if exists s.t_versions", "drop table s.t cascade");
            warehouse.restore();
            put(warehouse, LOST, 3);
            warehouse.show(0, 1, LOST, rows(1, 3));
            warehouse.abort();
            put(warehouse, LOST, 5);
            warehouse.show(0, 1, LOST, rows(1, 3, 5));
            warehouse.checkpoint();

            assertThat(needs(warehouse)).isEmpty();
            assertThat(ids(warehouse, "t")).containsExactly("1", "3", "5");
            assertThat(ids(warehouse, "t_history")).containsExactly("1", "5");
            assertThat(warehouse.query("select topic, kafka_partition, first_lost, next_there from tributary.cdc_gaps"))
                    .containsExactly("cdc.s.t|0|3|4");
        }
    }

    /** Nor are the rows given again. */
    @Test
    void whatWasGivenUpInACheckpointThatWasAbortedMarksTheMirror() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.execute("drop view if exists s.t_versions", "drop table s.t cascade");
            warehouse.restore();
            put(warehouse, LOST, 3);
            warehouse.show(0, 1, LOST, rows(1, 3));
            warehouse.abort();
            put(warehouse, LOST, 5);
            warehouse.checkpoint();

            assertThat(needs(warehouse)).singleElement().asString().contains("aborted");
        }
    }

    /** By the fences it lacks nothing. */
    @Test
    void aMirrorThatSomebodyHasChangedIsFilled() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, LOST, 2);
            warehouse.checkpoint();
            warehouse.execute("delete from s.t where id = 1", "insert into s.t (id, cdc_deleted) values (77, false)");
            warehouse.show(0, 1, LOST, rows(1, 2));
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "2");

            warehouse.execute("drop view if exists s.t_versions", "drop table s.t cascade");
            put(warehouse, LOST, 3);
            warehouse.show(0, 1, LOST, rows(1, 2, 3));
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "2", "3");

            warehouse.show(0, 1, LOST, rows());
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).isEmpty();
            assertThat(ids(warehouse, "t_history")).containsExactly("1", "2", "3");
            assertThat(warehouse.query("select count(*) from tributary.cdc_gaps"))
                    .containsExactly("0");
        }
    }

    @Test
    void aMirrorWithoutAKeyAndOneThatKeepsDeletedRowsAreFilled() throws Exception {
        TableSchema bag = new TableSchema(LOST.topic(), LOST.table(), LOST.columns(), List.of());
        options.deletes = Deletes.SOFT;
        try (TestWarehouse warehouse = open()) {
            warehouse.write(0, Operation.CREATE, bag, 1, 5);
            put(warehouse, QUIET, 2);
            put(warehouse, QUIET, 3);
            warehouse.checkpoint();
            warehouse.write(0, Operation.DELETE, QUIET, 4, 2);
            warehouse.checkpoint();
            warehouse.show(0, 1, bag, rows(5, 5, 6));
            warehouse.show(0, 1, QUIET, rows(8));
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.t where not cdc_deleted order by id"))
                    .containsExactly("5", "5", "6");
            assertThat(warehouse.query("select id, cdc_deleted from s.quiet order by id"))
                    .containsExactly("2|t", "3|t", "8|f");
            warehouse.write(0, Operation.DELETE, bag, 9, 5);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id from s.t where not cdc_deleted order by id"))
                    .containsExactly("5", "6");
        }
    }

    @Test
    void aMirrorIsNotFilledWithHalfOfItsBuckets() throws Exception {
        try (TestWarehouse warehouse =
                new TestWarehouse(server.jdbcUrl(database), server.user(), server.password(), 2, options)) {
            put(warehouse, LOST, 1);
            put(warehouse, LOST, 2);
            warehouse.checkpoint();
            put(warehouse, LOST, 3);
            warehouse.show(0, 2, LOST, rows(1));
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "2", "3");

            warehouse.show(0, 2, LOST, rows(1));
            warehouse.show(1, 2, LOST, rows(3));
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "3");
            assertThat(staged(warehouse)).containsExactly("0");
        }
    }

    /** Its changes come after the rows. */
    @Test
    void rowsOfAnAbortedCheckpointAreNotTheTables() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            warehouse.show(0, 1, LOST, rows(1));
            warehouse.abort();
            put(warehouse, LOST, 2);
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "2");

            put(warehouse, LOST, 3);
            warehouse.abort();
            warehouse.show(0, 1, LOST, rows(1, 2, 3));
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1", "2", "3");
            assertThat(ids(warehouse, "t_history")).containsExactly("1", "2", "3");
            warehouse.restore();
            put(warehouse, LOST, 4);
            warehouse.checkpoint();
            assertThat(needs(warehouse)).isEmpty();
        }
    }

    /** A table that the job knows nothing of. */
    @Test
    void rowsOfNoTableStopNothing() throws Exception {
        try (TestWarehouse warehouse = open()) {
            TableSchema nothing = new TableSchema("", new TableName("s", "nothing"), List.of(), List.of());
            warehouse.show(0, 1, nothing, List.of());
            warehouse.checkpoint();
            put(warehouse, LOST, 1);
            warehouse.checkpoint();
            assertThat(ids(warehouse, "t")).containsExactly("1");
        }
    }

    /** A mirror that was dropped is made with a key, which a row does not have. */
    @Test
    void rowsThatTheMirrorsKeyDoesNotTakeFillIt() throws Exception {
        TableSchema nullable = TestWarehouse.schema(1, "id", ColumnType.TEXT, "n", ColumnType.INT32);
        try (TestWarehouse warehouse = open()) {
            warehouse.create(nullable, "a", 1);
            warehouse.checkpoint();
            warehouse.execute("drop view if exists s.t_versions", "drop table s.t cascade");
            warehouse.show(0, 1, nullable, List.of(new @Nullable Object[] {"a", 1}, new @Nullable Object[] {null, 2}));
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, n from s.t order by n")).containsExactly("a|1", "null|2");
        }
    }

    /** Until a job without state has come as far as the mirror, its rows are of the past. */
    @Test
    void aMirrorIsNotFilledWithRowsOfThePast() throws Exception {
        try (TestWarehouse warehouse = open()) {
            put(warehouse, LOST, 1);
            put(warehouse, LOST, 2);
            warehouse.checkpoint();
        }
        try (TestWarehouse fresh = open()) {
            put(fresh, LOST, 1);
            fresh.show(0, 1, LOST, rows(1));
            fresh.checkpoint();
            assertThat(ids(fresh, "t")).containsExactly("1", "2");

            put(fresh, LOST, 2); // it has it already
            fresh.checkpoint();
            fresh.execute("delete from s.t");
            fresh.show(0, 1, LOST, rows(1, 2));
            fresh.checkpoint();
            assertThat(ids(fresh, "t")).containsExactly("1", "2");
        }
    }

    /** Its packets are swallowed: no error ever comes by itself. */
    @Test
    void aConnectionThatFallsSilentIsGivenUp() throws Exception {
        try (SilentProxy proxy = new SilentProxy(server.port());
                TestWarehouse warehouse = new TestWarehouse(
                        server.jdbcUrl(database).replace(":" + server.port(), ":" + proxy.port()),
                        server.user(),
                        server.password(),
                        0,
                        options)) {
            Session session = new Session(warehouse.settings, warehouse.dialect, 500);
            assertThat(Session.query(session.connection(), "SELECT 1")).hasSize(1);
            proxy.fallSilent();

            assertThatThrownBy(() -> Session.query(session.connection(), "SELECT 1"))
                    .isInstanceOf(SQLException.class)
                    .hasCauseInstanceOf(SocketTimeoutException.class);
            session.drop();
        }
    }

    private static TableSchema ofTopic(String id) {
        return new TableSchema(
                LOST.topic(),
                LOST.table(),
                new TableSchema.Told("", false, false, id),
                LOST.columns(),
                LOST.key(),
                Map.of());
    }
}
