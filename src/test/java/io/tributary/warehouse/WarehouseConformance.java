package io.tributary.warehouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.SchemaChanges;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.sink.SinkSteps;
import io.tributary.warehouse.TestWarehouse.Options;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What holds in every warehouse: the real writers and the real committer over it. A sink that waits for ever is interrupted. */
@Timeout(120)
abstract class WarehouseConformance {
    static final TableSchema PEOPLE =
            TestWarehouse.schema(1, "id", ColumnType.INT32, "name", ColumnType.TEXT, "age", ColumnType.INT32);
    static final TableSchema KEYLESS = TestWarehouse.schema(0, "a", ColumnType.INT32, "b", ColumnType.TEXT);
    static final TableSchema EVERY_TYPE = TestWarehouse.schema(
            1,
            "id",
            ColumnType.INT64,
            "truth",
            ColumnType.BOOLEAN,
            "small",
            ColumnType.INT16,
            "real4",
            ColumnType.FLOAT32,
            "real8",
            ColumnType.FLOAT64,
            "money",
            ColumnType.decimal(12, 2),
            "wide",
            ColumnType.decimal(38, 10),
            "words",
            ColumnType.TEXT,
            "json",
            ColumnType.JSON,
            "raw",
            ColumnType.BYTES,
            "day",
            ColumnType.DATE,
            "noon",
            ColumnType.TIME,
            "local",
            ColumnType.TIMESTAMP,
            "moment",
            ColumnType.TIMESTAMPTZ);
    static final String MIRROR = "select id, name, age from s.t order by id";
    static final String HISTORY = "select cdc_op, id, name, age from s.t_history order by cdc_seq";

    final Options options = new Options();

    /** Writers and a committer over the test's own database. */
    abstract TestWarehouse open(int writers);

    /** Whether names that differ in case alone are two. */
    boolean keepsCase() {
        return true;
    }

    @Test
    void rowsComeChangeAndGo() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.create(PEOPLE, 3, "Cy", 20);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 2, "Bob", 41);
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 4, "Di", null);
            warehouse.update(PEOPLE, 4, "Di", 5);
            warehouse.create(PEOPLE, 5, "gone before anybody saw", 1);
            warehouse.delete(PEOPLE, 5, "gone before anybody saw", 1);
            warehouse.checkpoint();

            assertThat(warehouse.query(MIRROR)).containsExactly("2|Bob|41", "3|Cy|20", "4|Di|5");
            assertThat(warehouse.query(HISTORY)).hasSize(9).contains("d|1|Ada|36", "c|5|gone before anybody saw|1");
            assertThat(warehouse.query("select cdc_op, "
                            + warehouse.dialect.text("cdc_timestamp", ColumnType.TIMESTAMPTZ)
                            + ", cdc_position, cdc_deleted from s.t where id = 2"))
                    .containsExactly("u|1700000000003000|0:3:3|f");
            assertCleared(warehouse);
        }
    }

    @Test
    void aSoftDeleteKeepsTheRowAsItWasAndACreateOfItsKeyTakesItsPlace() throws Exception {
        options.deletes = Deletes.SOFT;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.delete(PEOPLE, 2, "Bob", 40);
            warehouse.create(PEOPLE, 2, "Bea", 30);
            warehouse.create(PEOPLE, 3, "Cy", 1);
            warehouse.delete(PEOPLE, 3, "Cy", 1);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, cdc_op, cdc_deleted from s.t order by id"))
                    .containsExactly("1|Ada|d|t", "2|Bea|c|f", "3|Cy|d|t");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTruncateTakesWhatStandsBeforeIt(Deletes deletes) throws Exception {
        options.deletes = deletes;
        try (TestWarehouse warehouse = open(2)) {
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 0, 100, false, 1, "in the mirror", 0);
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 0, 101, false, 2, "in the mirror", 0);
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 1, 300, false, 3, "in the mirror, and newer", 0);
            warehouse.checkpoint();
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 1, 110, false, 4, "staged", 0);
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 2, 120, false, 5, "staged", 0);
            warehouse.writeIn(0, Operation.TRUNCATE, PEOPLE, 2, 200, false);
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 3, 210, false, 6, "after it", 0);
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 3, 310, false, 7, "after it", 0);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id from s.t where not cdc_deleted order by id"))
                    .containsExactly("3", "6", "7");
            assertThat(warehouse.query("select id from s.t where cdc_deleted order by id"))
                    .isEqualTo(deletes == Deletes.HARD ? List.of() : List.of("1", "2", "4", "5"));
            assertThat(warehouse.query("select count(*) from s.t_history where cdc_op = 't' and id is null"))
                    .containsExactly("1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void equalRowsWithoutAKeyAreCounted(Deletes deletes) throws Exception {
        options.deletes = deletes;
        try (TestWarehouse warehouse = open(1)) {
            for (int i = 0; i < 3; i++) {
                warehouse.create(KEYLESS, 1, "x");
            }
            warehouse.create(KEYLESS, 2, null);
            warehouse.create(KEYLESS, 2, null);
            warehouse.checkpoint();
            warehouse.delete(KEYLESS, 1, "x");
            warehouse.delete(KEYLESS, 2, null);
            warehouse.create(KEYLESS, 3, "y");
            warehouse.delete(KEYLESS, 3, "y");
            warehouse.create(KEYLESS, 1, "x");
            warehouse.delete(KEYLESS, 1, "x");
            long at = warehouse.offset();
            warehouse.writeIn(0, Operation.DELETE, KEYLESS, at, at, true, 4, "never seen");
            warehouse.write(0, Operation.CREATE, KEYLESS, at + 1, 4, "never seen");
            warehouse.checkpoint();

            assertThat(warehouse.query("select a, b, count(*) from s.t where not cdc_deleted group by 1, 2 order by 1"))
                    .containsExactly("1|x|2", "2|null|1", "4|never seen|1");
        }
    }

    @Test
    void rowsWithoutAKeyAreFoundAfterAColumnWasDroppedAndOneAdded() throws Exception {
        TableSchema other = TestWarehouse.schema(0, "a", ColumnType.INT64, "c", ColumnType.TEXT);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(KEYLESS, 1, "x");
            warehouse.create(KEYLESS, 1, "y");
            warehouse.create(KEYLESS, 2, "z");
            warehouse.checkpoint();
            warehouse.delete(other, 1L, null);
            warehouse.create(other, 3L, "c");
            warehouse.checkpoint();

            assertThat(warehouse.query("select a, c from s.t order by a")).containsExactly("1|null", "2|null", "3|c");
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsThatCameWithoutAKeyAreFoundByTheOneTheTableGets(Deletes deletes) throws Exception {
        options.deletes = deletes;
        TableSchema keyed = TestWarehouse.schema(1, "a", ColumnType.INT32, "b", ColumnType.TEXT);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(KEYLESS, 1, "x");
            warehouse.create(KEYLESS, 2, "y");
            warehouse.create(KEYLESS, 3, "z");
            warehouse.checkpoint();
            warehouse.create(KEYLESS, 4, "staged");
            warehouse.create(KEYLESS, 5, "staged");
            warehouse.delete(KEYLESS, 1, "x");
            warehouse.create(keyed, 1, "again");
            warehouse.update(keyed, 2, "changed");
            warehouse.update(keyed, 4, "changed");
            warehouse.delete(keyed, 3, "z");
            warehouse.delete(keyed, 5, "staged");
            warehouse.checkpoint();
            warehouse.update(keyed, 1, "and again");
            warehouse.checkpoint();

            assertThat(warehouse.query("select a, b from s.t where not cdc_deleted order by a"))
                    .containsExactly("1|and again", "2|changed", "4|changed");
            assertThat(warehouse.query("select count(*) from s.t_history")).containsExactly("12");
        }
    }

    @Test
    void rowsAreFoundByAKeyThatWasAltered() throws Exception {
        TableSchema altered = new TableSchema(PEOPLE.topic(), PEOPLE.table(), PEOPLE.columns(), List.of(1));
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 2, "Bert", 40);
            warehouse.update(altered, 9, "Ada", 37);
            warehouse.create(altered, 9, "Cy", 1);
            warehouse.create(altered, null, "Di", 2);
            warehouse.delete(altered, 2, "Bert", 40);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, age from s.t order by name"))
                    .containsExactly("9|Ada|37", "9|Cy|1", "null|Di|2");

            warehouse.update(altered, 9, "Ada", 38);
            warehouse.create(altered, null, "Ed", 3);
            warehouse.delete(altered, 9, "Cy", 1);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, name, age from s.t order by name"))
                    .containsExactly("9|Ada|38", "null|Di|2", "null|Ed|3");
        }
    }

    /** Keys that no index of a B-tree takes, that no warehouse holds as they are, with nulls; beside plain ones. */
    static List<List<@Nullable Object>> keys() {
        String large = LONG.repeat(20_000 / LONG.length());
        return List.of(
                List.of("a", 1L),
                Arrays.asList(null, 1L),
                Arrays.asList("a", null),
                Arrays.asList(null, null),
                List.of("", 1L),
                List.of(large, 1L),
                List.of(large, 2L),
                List.of(large + "x", 1L),
                Arrays.asList(large, null),
                List.of("a\0b", 1L),
                List.of("a\uFFFDb", 1L),
                List.of("a\u2400b", 1L),
                List.of("a\u24000b", 1L),
                List.of("a\u2400\u24000b", 1L),
                List.of("a\u2400\0b", 1L),
                List.of("a\0\u2400b", 1L),
                List.of("\0", 1L),
                List.of("\0\0", 1L));
    }

    /** Of digits that do not compress. */
    private static final String LONG = new Random(7)
            .ints(4_000, ' ' + 1, '~')
            .mapToObj(Character::toString)
            .collect(Collectors.joining());

    @ParameterizedTest
    @EnumSource
    void keysOfEveryFormAreFoundAgain(Deletes deletes) throws Exception {
        options.deletes = deletes;
        TableSchema schema = TestWarehouse.schema(
                2, "a", ColumnType.TEXT, "b", ColumnType.INT64, "v", ColumnType.INT32, "w", ColumnType.INT32);
        String query = "select v, w from s.t where not cdc_deleted order by v";
        List<List<@Nullable Object>> keys = keys();
        List<String> rows = new ArrayList<>();
        try (TestWarehouse warehouse = open(1)) {
            for (int i = 0; i < keys.size(); i++) {
                warehouse.create(schema, keys.get(i).get(0), keys.get(i).get(1), i, 1);
                rows.add(i + "|1");
                if (i % 3 == 0) {
                    warehouse.checkpoint(); // else several come at once
                }
            }
            warehouse.checkpoint();
            assertThat(warehouse.query(query)).containsExactlyElementsOf(rows);

            for (int i = 0; i < keys.size(); i++) {
                warehouse.update(schema, keys.get(i).get(0), keys.get(i).get(1), i, 2);
                rows.set(i, i + "|2");
            }
            warehouse.checkpoint();
            assertThat(warehouse.query(query)).containsExactlyElementsOf(rows);

            for (int i = keys.size() - 1; i >= 0; i--) {
                warehouse.delete(schema, keys.get(i).get(0), keys.get(i).get(1), i, 2);
                rows.remove(i);
                warehouse.checkpoint();
                assertThat(warehouse.query(query)).as("%s", i).containsExactlyElementsOf(rows);
            }
            assertThat(warehouse.query("select count(*) from s.t_history")).containsExactly("" + 3 * keys.size());
        }
    }

    @Test
    void twoKeysThatCannotBeHeldDoNotBecomeOne() throws Exception {
        TableSchema days = TestWarehouse.schema(1, "day", ColumnType.DATE, "n", ColumnType.INT32);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(days, 19_000, 1);
            warehouse.checkpoint();
            warehouse.create(days, -3_000_000, 2);
            warehouse.create(days, -3_000_001, 3);
            warehouse.checkpoint();
            assertThat(warehouse.query("select n from s.t")).containsExactly("1");
            assertThat(warehouse.query("select set_aside from tributary.cdc_mirrors where needs_repair"))
                    .singleElement()
                    .asString()
                    .contains("cannot hold 6245-04-12 BC of 'day', a column of the key of s.t")
                    .contains("tables.s.t.mirror: false");
        }
    }

    @Test
    void aKeyOfManyColumnsIsFoundAgain() throws Exception {
        List<Object> columns = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            columns.addAll(List.of("c" + i, i % 2 == 0 ? ColumnType.INT32 : ColumnType.TEXT));
            values.add(i % 2 == 0 ? (Object) i : "t" + i);
        }
        TableSchema schema = TestWarehouse.schema(40, columns.toArray());
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(schema, values.toArray());
            values.set(39, "other");
            warehouse.create(schema, values.toArray());
            warehouse.checkpoint();
            warehouse.delete(schema, values.toArray());
            warehouse.checkpoint();
            assertThat(warehouse.query("select c38, c39 from s.t where not cdc_deleted"))
                    .containsExactly("38|t39");
        }
    }

    @Test
    void aKeyMayHaveNamesThatStatementsUse() throws Exception {
        TableSchema named = TestWarehouse.schema(
                3, "cdc_last", ColumnType.INT32, "cdc_rows", ColumnType.INT32, "cdc_key_0", ColumnType.INT32);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(named, 1, 2, 3);
            warehouse.create(named, 1, 2, 4);
            warehouse.delete(named, 1, 2, 3);
            warehouse.checkpoint();
            assertThat(warehouse.query("select * from s.t"))
                    .singleElement()
                    .asString()
                    .startsWith("1|2|4|");
        }
    }

    @ParameterizedTest
    @EnumSource
    void rowsAreFoundByTheirValuesInATableThatLosesItsKey(Deletes deletes) throws Exception {
        options.deletes = deletes;
        TableSchema keyless = new TableSchema(PEOPLE.topic(), PEOPLE.table(), PEOPLE.columns(), List.of());
        TableSchema dropped = TestWarehouse.schema(0, "name", ColumnType.TEXT, "age", ColumnType.INT32);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Ada", 36);
            warehouse.create(PEOPLE, 3, "Ada", 36);
            warehouse.create(PEOPLE, 4, "Bob", 40);
            warehouse.checkpoint();
            warehouse.create(PEOPLE, 5, "Cy", 1);
            warehouse.create(keyless, 4, "Bob", 40);
            warehouse.create(keyless, 4, "Bob", 40);
            warehouse.delete(keyless, 4, "Bob", 40);
            warehouse.delete(keyless, 1, "Ada", 36);
            warehouse.delete(keyless, 5, "Cy", 1);
            warehouse.checkpoint();
            warehouse.delete(dropped, "Ada", 36);
            warehouse.create(dropped, "Bob", 40);
            warehouse.checkpoint();

            assertThat(warehouse.query(
                            "select name, age, count(*) from s.t where not cdc_deleted group by 1, 2 order by 1"))
                    .containsExactly("Ada|36|1", "Bob|40|3");
        }
    }

    @Test
    void columnsAreAddedWidenedAndRetypedAndADroppedOneStays() throws Exception {
        TableSchema more =
                TestWarehouse.schema(1, "id", ColumnType.INT64, "age", ColumnType.TEXT, "born", ColumnType.DATE);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 2, "Bob", 41);
            warehouse.create(more, 1L << 40, "old", 19_000);
            warehouse.update(more, 1L, "thirty", null);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, age, born from s.t order by id"))
                    .containsExactly("1|null|thirty|null", "2|Bob|41|null", "1099511627776|null|old|2022-01-08");
        }
    }

    @Test
    void whatIsNoJsonBecomesAStringOfItAndWhatHasNoTypeIsText() throws Exception {
        TableSchema untyped =
                TestWarehouse.schema(1, "id", ColumnType.ANY, "said", ColumnType.ANY, "doc", ColumnType.JSON);
        try (TestWarehouse warehouse = open(1)) {
            List<String> texts = List.of("user-1", "{\"a\":[1,{}]}", "1 2", "{\"a\":", "a \"b\" \\c", "7");
            for (String text : texts) {
                warehouse.create(untyped, "k" + texts.indexOf(text), text, text);
            }
            warehouse.checkpoint();

            assertThat(warehouse.query("select said from s.t order by id")).isEqualTo(texts);
            assertThat(warehouse.query(
                            "select " + warehouse.dialect.text("doc", ColumnType.JSON) + " from s.t order by id"))
                    .containsExactly(
                            "\"user-1\"", "{\"a\":[1,{}]}", "\"1 2\"", "\"{\\\"a\\\":\"", "\"a \\\"b\\\" \\\\c\"", "7");
        }
    }

    @ParameterizedTest
    @EnumSource(Deletes.class)
    void aNewColumnComesAlthoughTheLastChangeIsOfARowFromBefore(Deletes deletes) throws Exception {
        TableSchema more = TestWarehouse.schema(
                1, "id", ColumnType.INT32, "name", ColumnType.TEXT, "age", ColumnType.INT32, "extra", ColumnType.TEXT);
        options.deletes = deletes;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.create(more, 2, "Bob", 40, "new");
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            assertThat(warehouse.query("select id, extra from s.t where not cdc_deleted"))
                    .containsExactly("2|new");
        }
    }

    @Test
    void rowsWithoutAKeyAreFoundAlthoughAnotherPartitionIsBehind() throws Exception {
        TableSchema wide = TestWarehouse.schema(0, "name", ColumnType.TEXT, "day", ColumnType.INT32);
        TableSchema narrow = TestWarehouse.schema(0, "name", ColumnType.TEXT);
        try (TestWarehouse warehouse = open(2)) {
            warehouse.writeIn(0, Operation.CREATE, wide, 1, 1, false, "Ada", 1);
            warehouse.writeIn(1, Operation.CREATE, wide, 901, 2, false, "Bob", 2);
            warehouse.writeIn(0, Operation.CREATE, wide, 2, 3, false, "Cy", 3);
            warehouse.checkpoint();
            // the column is dropped at 5; offsets say nothing of the order between partitions
            warehouse.writeIn(1, Operation.DELETE, wide, 902, 4, false, "Bob", 2);
            warehouse.writeIn(0, Operation.DELETE, narrow, 3, 6, false, "Ada");
            warehouse.checkpoint();
            assertThat(warehouse.query("select name from s.t where not cdc_deleted"))
                    .containsExactly("Cy");
        }
    }

    /** The microseconds between the test's first change and a time. */
    private static String sinceTheFirst(TestWarehouse warehouse, String column) {
        return "cast(" + warehouse.dialect.text(column, ColumnType.TIMESTAMPTZ) + " as bigint) - 1700000000000000";
    }

    @ParameterizedTest
    @EnumSource(Deletes.class)
    void aPartitionThatIsBehindDoesNotBringADeletedRowBack(Deletes deletes) throws Exception {
        options.deletes = deletes;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.throughChangelog();
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 1, 10, false, 1, "Ada", 36);
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 1, 20, false, 2, "Bob", 40);
            warehouse.checkpoint();
            warehouse.writeIn(1, Operation.DELETE, PEOPLE, 2, 60, false, 1, null, null);
            warehouse.writeIn(1, Operation.DELETE, PEOPLE, 3, 61, false, 3, null, null);
            warehouse.checkpoint();
            warehouse.writeIn(0, Operation.UPDATE, PEOPLE, 2, 30, false, 1, "Ada", 37); // minutes later
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 3, 31, false, 3, "Cy", 20);
            warehouse.checkpoint();
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 4, 70, false, 3, "Di", 21);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, age from s.t where not cdc_deleted order by id"))
                    .containsExactly("2|Bob|40", "3|Di|21");
        }
    }

    @Test
    void aViewOverTheHistoryHasWhenEachVersionWasValid() throws Exception {
        TableSchema wide = TestWarehouse.schema(
                1,
                "id",
                ColumnType.INT64,
                "name",
                ColumnType.TEXT,
                "age",
                ColumnType.TEXT,
                "valid_to",
                ColumnType.DATE);
        try (TestWarehouse warehouse = open(1)) {
            String versions = "select id, name, age, "
                    + sinceTheFirst(warehouse, "valid_from") + ", " + sinceTheFirst(warehouse, "valid_to")
                    + ", is_current from s.t_versions order by id, cdc_seq";
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.update(PEOPLE, 1, "Ada", 37);
            warehouse.delete(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query(versions))
                    .containsExactly("1|Ada|36|0|2000|f", "1|Ada|37|2000|null|t", "2|Bob|40|1000|3000|f");

            warehouse.create(PEOPLE, 2, "Bea", 20);
            warehouse.truncate(PEOPLE);
            warehouse.create(PEOPLE, 1, "Ava", 50);
            warehouse.checkpoint();
            assertThat(warehouse.query(versions))
                    .containsExactly(
                            "1|Ada|36|0|2000|f",
                            "1|Ada|37|2000|5000|f",
                            "1|Ava|50|6000|null|t",
                            "2|Bob|40|1000|3000|f",
                            "2|Bea|20|4000|5000|f");

            warehouse.update(wide, 1L, "Ava", "fifty", 19_000);
            warehouse.checkpoint();
            assertThat(warehouse.query(
                            "select name, age, valid_to, is_current from s.t_versions where valid_to_ is null"))
                    .containsExactly("Ava|fifty|2022-01-08|t");

            warehouse.delete(TestWarehouse.schema(0, "id", ColumnType.INT32), 1);
            warehouse.checkpoint();
            assertThatThrownBy(() -> warehouse.query("select * from s.t_versions"))
                    .hasMessageContaining(" exist");
        }
    }

    /** By another partition than what a row has become by then. */
    @Test
    void whatComesLateIsInTheHistoryAndNoVersion() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.throughChangelog();
            warehouse.writeIn(1, Operation.CREATE, PEOPLE, 7, 70, false, 1, "Ada", 37);
            warehouse.writeIn(1, Operation.DELETE, PEOPLE, 8, 71, false, 2, null, null);
            warehouse.checkpoint();
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 1, 10, false, 1, "Ada", 36);
            warehouse.writeIn(0, Operation.CREATE, PEOPLE, 2, 20, false, 2, "Bob", 40);
            warehouse.writeIn(0, Operation.DELETE, PEOPLE, 3, 30, false, 1, null, null);
            warehouse.checkpoint();

            assertThat(warehouse.query("select id, name, age from s.t order by id"))
                    .containsExactly("1|Ada|37");
            assertThat(warehouse.query("select cdc_op, id, age from s.t_history order by cdc_seq"))
                    .containsExactly("c|1|37", "d|2|null", "c|1|36", "c|2|40", "d|1|null");
            assertThat(warehouse.query("select id, age, is_current from s.t_versions order by id, cdc_seq"))
                    .containsExactly("1|37|t");
        }
    }

    @Test
    void aTableThatHasTheNameOfTheViewIsLeftAlone() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            TableName view = new TableName("s", "t" + warehouse.dialect.own("_versions"));
            warehouse.execute(
                    "create schema " + warehouse.dialect.quoted("s"),
                    "create table " + warehouse.dialect.quoted(view) + " (a int)");
            assertThatThrownBy(() -> {
                        warehouse.create(PEOPLE, 1, "Ada", 36);
                        warehouse.cut();
                    })
                    .rootCause()
                    .hasMessageContaining(
                            view + " is there and is not the view over s.t" + warehouse.dialect.own("_history"));
            assertThat(warehouse.query("select count(*) from " + warehouse.dialect.quoted(view)))
                    .containsExactly("0");
        }
    }

    /** The statements of a shipped file, in which comments have a line of their own. */
    static List<String> statements(String file) throws IOException {
        return Arrays.stream(Files.readString(Path.of("warehouse", file))
                        .replaceAll("(?m)^(--|\\\\).*$", "")
                        .split(";"))
                .map(String::strip)
                .filter(statement -> !statement.isEmpty())
                .toList();
    }

    /**
     * The shipped table and views, with what sales.transactions has.
     *
     * @param reader may read the views in a schema
     */
    static void fillTransactions(TestWarehouse warehouse, Connection reader, String views) throws Exception {
        TableSchema transactions = TestWarehouse.schema(
                1,
                "transaction_id",
                ColumnType.TEXT,
                "user_id",
                ColumnType.INT64,
                "amount",
                ColumnType.decimal(12, 2),
                "currency",
                ColumnType.TEXT,
                "status",
                ColumnType.TEXT,
                "created_at",
                ColumnType.TIMESTAMPTZ,
                "updated_at",
                ColumnType.TIMESTAMPTZ);
        long noon = 1_709_208_000_000_000L;
        warehouse.create(transactions, "a", 1L, new BigDecimal("10.50"), "EUR", "completed", noon, noon);
        warehouse.create(transactions, "b", 1L, new BigDecimal("20.00"), "EUR", "completed", noon + 1, noon + 1);
        warehouse.create(transactions, "c", 2L, null, "EUR", "pending", noon, noon);
        warehouse.delete(transactions, "b", 1L, new BigDecimal("20.00"), "EUR", "completed", noon + 1, noon + 1);
        warehouse.checkpoint();

        assertThat(TestWarehouse.query(reader, "select transaction_id from " + views + ".transactions order by 1"))
                .containsExactly("a", "b", "c");
        assertThat(TestWarehouse.query(
                        reader, "select transaction_id from " + views + ".active_transactions order by 1"))
                .containsExactly("a", "c");
        assertThat(TestWarehouse.query(
                        reader,
                        "select transaction_date, status, transaction_count, cast(total_amount as numeric(12,2)), min_amount, max_amount from "
                                + views + ".transaction_analytics order by 2"))
                .containsExactly("2024-02-29|completed|1|10.50|10.50|10.50", "2024-02-29|pending|1|null|null|null");
        assertThat(TestWarehouse.query(
                        reader,
                        "select user_id, transaction_count, cast(total_amount as numeric(12,2)), first_transaction = last_transaction from "
                                + views + ".user_transaction_summary order by 1"))
                .containsExactly("1|1|10.50|t", "2|1|null|t");
    }

    @Test
    void aPolicyDecidesAboutNewColumns() throws Exception {
        TableSchema more = TestWarehouse.schema(
                1, "id", ColumnType.INT32, "name", ColumnType.TEXT, "age", ColumnType.INT32, "extra", ColumnType.TEXT);
        options.changes = SchemaChanges.IGNORE;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(more, 2, "Bob", 40, "left out");
            warehouse.checkpoint();
            assertThat(warehouse.query("select * from s.t where id = 2").get(0)).doesNotContain("left out");
        }
        options.changes = SchemaChanges.FAIL;
        try (TestWarehouse warehouse = open(1)) {
            long at = 2;
            assertThatThrownBy(() -> {
                        warehouse.write(0, Operation.CREATE, more, at, 3, "Cy", 40, "refused");
                        warehouse.cut();
                    })
                    .rootCause()
                    .hasMessageContaining(
                            "s.t: the source has the column 'extra' of type text, which the mirror has not");
        }
    }

    @Test
    void whatIsCommittedIsNotCommittedAgainAndAFreshJobGoesOnWhereTheMirrorEnds() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            WarehouseCommittable first = warehouse.cut();
            warehouse.commit(first);
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.commit(first); // an older savepoint
            assertThat(warehouse.query(MIRROR)).isEmpty();

            warehouse.restartWriters(0);
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query(MIRROR)).containsExactly("2|Bob|40");
            assertThat(warehouse.query(HISTORY)).containsExactly("c|1|Ada|36", "d|1|Ada|36", "c|2|Bob|40");
        }
    }

    @Test
    void aCheckpointThatTheMirrorHasInPartIsRefused() throws Exception {
        try (TestWarehouse one = open(1);
                TestWarehouse other = open(1)) {
            one.create(PEOPLE, 1, "Ada", 36);
            one.checkpoint();
            one.create(PEOPLE, 2, "Bob", 40);
            WarehouseCommittable late = one.cut();

            other.write(0, Operation.CREATE, PEOPLE, 1, 2, "Bob", 40);
            other.write(0, Operation.CREATE, PEOPLE, 2, 3, "Cy", 40);
            WarehouseCommittable wider = other.cut();

            one.commit(late);
            assertThatThrownBy(() -> other.commit(wider))
                    .rootCause()
                    .hasMessageContaining("another job writes this mirror");
            assertThat(one.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40");
        }
    }

    @Test
    void aLargeCommitIsTakenOutOfStagingAfterwardsOrAtTheEnd() throws Exception {
        options.largeRows = 20;
        int rows = 30;
        String stage;
        try (TestWarehouse warehouse = open(1)) {
            stage = warehouse.stage();
            for (int i = 0; i < rows; i++) {
                warehouse.create(PEOPLE, i, "a", 1);
            }
            warehouse.checkpoint();
            assertThat(warehouse.query("select count(*) from s.t")).containsExactly(rows + "");
            awaitCleared(warehouse);

            for (int i = 0; i < rows; i++) {
                warehouse.update(PEOPLE, i, "b", 1);
            }
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 7, "c", 1); // few, while the many may lie there still
            warehouse.checkpoint();
            assertThat(warehouse.query("select name, count(*) from s.t group by name order by name"))
                    .containsExactly("b|" + (rows - 1), "c|1");
        }
        try (TestWarehouse ended = open(1)) {
            assertThat(ended.query("select count(*) from " + stage)).containsExactly("0");
        }
    }

    private void assertCleared(TestWarehouse warehouse) throws Exception {
        if (options.largeRows == 1) {
            awaitCleared(warehouse);
        } else {
            assertThat(warehouse.query("select count(*) from " + warehouse.stage()))
                    .containsExactly("0");
        }
    }

    /** One row that the mirror shows, and one that is due after the interval. */
    private static void applyAdaAndStageBob(TestWarehouse warehouse) throws Exception {
        warehouse.create(PEOPLE, 1, "Ada", 36);
        warehouse.checkpoint();
        warehouse.create(PEOPLE, 2, "Bob", 40);
        warehouse.checkpoint();
        assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36");
    }

    /** Of a large commit, staging is cleared a little later. */
    private static void awaitCleared(TestWarehouse warehouse) {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(warehouse.query("select count(*) from " + warehouse.stage()))
                        .containsExactly("0"));
    }

    /** Ends the thread as a kill would. */
    private static final class Killed extends Error {}

    private static void isKilled(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        assertThat(root).isInstanceOf(Killed.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = WarehouseStep.class,
            names = {"LOCKED", "APPLIED", "LEDGERED", "COMMITTED"})
    void aKillAtAnyStepOfACommitChangesNothing(WarehouseStep step) throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 2, "Bob", 41);
            warehouse.delete(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 3, "Cy", 1);
            WarehouseCommittable cut = warehouse.cut();
            warehouse.restartCommitter((mirror, reached) -> {
                if (reached == step) {
                    throw new Killed();
                }
            });
            assertThatThrownBy(() -> warehouse.commit(cut)).satisfies(WarehouseConformance::isKilled);
            warehouse.restartCommitter(SinkSteps.NONE);
            warehouse.commit(cut);

            assertThat(warehouse.query(MIRROR)).containsExactly("2|Bob|41", "3|Cy|1");
            assertThat(warehouse.query(HISTORY)).hasSize(5);
        }
    }

    @Test
    void whatAKilledWriterStagedIsStagedAgainAndClearedAway() throws Exception {
        options.rows = 1;
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.restartWriters(0);
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.create(PEOPLE, 3, "Cy", 1);
            warehouse.checkpoint();

            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40", "3|Cy|1");
            assertCleared(warehouse);
        }
    }

    @Test
    void aMirrorThatMayBeOlderGetsRowsOnItsScheduleAndNothingIsLostBetween() throws Exception {
        options.interval = Duration.ofHours(1);
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.update(PEOPLE, 1, "Ada", 37);
            warehouse.checkpoint();
            warehouse.create(PEOPLE, 2, "Bob", 40);
            WarehouseCommittable staged = warehouse.cut();
            warehouse.commit(staged);
            warehouse.commit(staged);
            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36");
            assertThat(warehouse.query("select staged, applied from tributary.cdc_offsets"))
                    .containsExactly("3|1");
            assertThat(warehouse.query("select commits, row_count from tributary.cdc_mirrors"))
                    .containsExactly("1|1");
            try (MirrorReader reader = new MirrorReader(warehouse.settings)) {
                assertThat(reader.ends().values())
                        .containsExactly(Map.of(new SourcePartition(TestWarehouse.TOPIC, 0), 1L));
            }

            try (TestWarehouse next =
                    open(0)) { // as if the first had been killed; it does not know when it last applied: now
                await().atMost(Duration.ofSeconds(30))
                        .untilAsserted(() -> assertThat(next.query(MIRROR)).containsExactly("1|Ada|37", "2|Bob|40"));
            }
            assertThat(warehouse.query(HISTORY)).hasSize(3);
            assertThat(warehouse.query("select staged, applied from tributary.cdc_offsets"))
                    .containsExactly("3|3");
            assertThat(warehouse.query("select commits, row_count from tributary.cdc_mirrors"))
                    .containsExactly("2|3");

            warehouse.delete(PEOPLE, 1, "Ada", 37);
            warehouse.checkpoint();
            assertThat(warehouse.query(MIRROR)).hasSize(2);
            warehouse.restartCommitter(SinkSteps.NONE); // what is staged is applied before the first is closed
            assertThat(warehouse.query(MIRROR)).containsExactly("2|Bob|40");
        }
    }

    @Test
    void aMirrorThatCannotBeAppliedLaterHoldsUpNoOther() throws Exception {
        options.interval = Duration.ofSeconds(5);
        AtomicLong now = options.stopped();
        TableSchema other = new TableSchema("cdc.s.u", new TableName("s", "u"), PEOPLE.columns(), List.of(0));
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(other, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query("select count(*) from tributary.cdc_staged"))
                    .containsExactly("1");
            warehouse.execute("drop table s.t");
            for (int id = 2; id <= 3; id++) { // before the second, that which cannot be applied was tried
                warehouse.create(other, id, "Bob", 40);
                warehouse.checkpoint();
                now.addAndGet(options.interval.toMillis());
                String ids = "select max(id) from s.u";
                String last = String.valueOf(id);
                await().atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(warehouse.query(ids)).containsExactly(last));
            }
        }
    }

    @Test
    void whatCannotBeAppliedLaterForGoodFailsTheNextCheckpoint() throws Exception {
        options.interval = Duration.ofSeconds(8);
        AtomicLong now = options.stopped();
        try (TestWarehouse warehouse = open(1)) {
            applyAdaAndStageBob(warehouse);
            warehouse.execute("delete from " + warehouse.stage());
            now.addAndGet(options.interval.toMillis());
            WarehouseCommittable nothing = new WarehouseCommittable(9, List.of(), List.of());
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThatThrownBy(() -> warehouse.commit(nothing))
                            .rootCause()
                            .hasMessageContaining("0 of the 1 rows that were staged for s.t"));
        }
    }

    @Test
    void whatIsStagedIsAppliedWhenItIsDueAlthoughNothingComes() throws Exception {
        options.interval = Duration.ofSeconds(8);
        AtomicLong now = options.stopped();
        try (TestWarehouse warehouse = open(1)) {
            applyAdaAndStageBob(warehouse);
            now.addAndGet(options.interval.toMillis());
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40"));
        }
    }

    @Test
    void namesAreNeverStatements() throws Exception {
        String evil = "x\"; drop table s.t; -- 'ż' select";
        String longOne = "ż".repeat(200);
        TableName table = new TableName("sch\"ema; --", longOne);
        TableSchema schema = new TableSchema(
                "topic",
                table,
                List.of(
                        new io.tributary.change.Column("select", ColumnType.INT32),
                        new io.tributary.change.Column(evil, ColumnType.TEXT),
                        new io.tributary.change.Column(longOne, ColumnType.TEXT),
                        new io.tributary.change.Column(longOne + "2", ColumnType.TEXT),
                        new io.tributary.change.Column("cdc_op", ColumnType.TEXT),
                        new io.tributary.change.Column(keepsCase() ? "Select" : "from", ColumnType.TEXT)),
                List.of(0));
        try (TestWarehouse warehouse = open(1)) {
            warehouse.write(0, Operation.CREATE, schema, 0, 1, "'); drop schema tributary; --", "a", "b", "c", "d");
            warehouse.write(0, Operation.UPDATE, schema, 1, 1, evil, "e", "f", "g", "h");
            warehouse.checkpoint();

            String mirror = warehouse.dialect.quoted(Names.within(longOne, warehouse.dialect.longestName()));
            assertThat(warehouse.query("select * from \"sch\"\"ema; --\"." + mirror))
                    .singleElement()
                    .asString()
                    .startsWith("1|" + evil + "|e|f|g|h|")
                    .endsWith("|u|0:1:1|f");
            assertThat(warehouse.query("select count(*) from \"sch\"\"ema; --\"."
                            + warehouse.dialect.quoted(OwnColumns.history(
                                            warehouse.dialect,
                                            new TableName("s", Names.within(longOne, warehouse.dialect.longestName())))
                                    .table())))
                    .containsExactly("2");
        }
    }

    @Test
    void aMirrorThatWasDroppedIsNotFilledFromTheMiddle() throws Exception {
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.execute("drop table s.t");
            warehouse.restartWriters(1);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query("select set_aside from tributary.cdc_mirrors where needs_repair"))
                    .singleElement()
                    .asString()
                    .contains("s.t is gone, and the ledger says how far it came");
            assertThat(warehouse.query("select staged from tributary.cdc_offsets"))
                    .containsExactly("1");

            // with its history, which says how far it came
            warehouse.execute("drop view if exists s.t_versions", "drop table s.t_history");
            warehouse.execute("delete from tributary.cdc_offsets", "delete from tributary.cdc_mirrors");
            warehouse.restartWriters(0);
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.create(PEOPLE, 2, "Bob", 40);
            warehouse.checkpoint();
            assertThat(warehouse.query(MIRROR)).containsExactly("1|Ada|36", "2|Bob|40");
        }
    }

    @Test
    void ofTwoTablesForOneMirrorTheSecondIsSetAside() throws Exception {
        options.names = new Names(null, "", ".*", "all", new HashMap<>(), Letters.KEEP);
        TableSchema other = new TableSchema("cdc.s.other", new TableName("s", "other"), PEOPLE.columns(), List.of(0));
        try (TestWarehouse warehouse = open(1)) {
            warehouse.create(PEOPLE, 1, "Ada", 36);
            warehouse.checkpoint();
            warehouse.create(other, 2, "Bob", 36);
            warehouse.create(PEOPLE, 3, "Cy", 20);
            warehouse.checkpoint();
            assertThat(warehouse.query("select name from s.all order by 1")).containsExactly("Ada", "Cy");
        }
    }

    @Test
    void writersThatComeToANewTableAtOnceMakeItOnce() throws Exception {
        options.rows = 1;
        try (TestWarehouse warehouse = open(4)) {
            List<Thread> threads = new java.util.ArrayList<>();
            List<Throwable> failed = java.util.Collections.synchronizedList(new java.util.ArrayList<>());
            for (int i = 0; i < 4; i++) {
                int writer = i;
                Thread thread = new Thread(() -> {
                    try {
                        warehouse.write(writer, Operation.CREATE, PEOPLE, 0, writer, "n", 0);
                    } catch (Throwable e) {
                        failed.add(e);
                    }
                });
                threads.add(thread);
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failed).isEmpty();
            warehouse.checkpoint();
            assertThat(warehouse.query("select count(*) from s.t")).containsExactly("4");
        }
    }
}
