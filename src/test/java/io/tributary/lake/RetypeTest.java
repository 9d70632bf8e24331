package io.tributary.lake;

import static io.tributary.lake.TestLake.DAY;
import static io.tributary.lake.TestLake.PATH;
import static io.tributary.lake.TestLake.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Columns whose type changes, with real files in a folder. */
@Pure
class RetypeTest {
    private static final TableSchema INT32 = schema("id", ColumnType.INT32, "x", ColumnType.INT32);
    private static final TableSchema INT64 = schema("id", ColumnType.INT32, "x", ColumnType.INT64);
    private static final TableSchema TEXT = schema("id", ColumnType.INT32, "x", ColumnType.TEXT);
    private static final TableSchema ZONED = schema("id", ColumnType.INT32, "x", ColumnType.TIMESTAMPTZ);

    @TempDir
    Path folder;

    /** Passes through every catch of exceptions, as a killed process would. */
    private static final class Killed extends Error {
        Killed(Enum<?> step) {
            super(step.toString());
        }
    }

    private Path table() {
        return folder.resolve(PATH);
    }

    private List<String> onDisk() throws IOException {
        try (Stream<Path> files = Files.walk(table())) {
            return files.filter(file -> file.toString().endsWith(".parquet"))
                    .filter(file -> !file.toString().contains("_delta_log"))
                    .map(file -> table().relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aColumnWidensStepByStepOverAllDays() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.writeAt(0, INT32, DAY, 0, 1, 7);
            lake.writeAt(0, INT32, DAY, 1, 2, null);
            lake.writeAt(0, INT32, 2 * DAY, 2, 3, Integer.MIN_VALUE);
            lake.checkpoint();
            lake.writeAt(0, INT64, 2 * DAY, 3, 4, Long.MAX_VALUE);
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.INT64);
            assertThat(lake.values("x")).containsExactly(7L, null, (long) Integer.MIN_VALUE, Long.MAX_VALUE);

            lake.writeAt(0, TEXT, 2 * DAY, 4, 5, "seven");
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.TEXT);
            assertThat(lake.values("x")).containsExactly("7", null, "-2147483648", "9223372036854775807", "seven");
            assertThat(lake.values("id")).containsExactly(1, 2, 3, 4, 5);
            assertThat(lake.values("dt")).containsExactly(1, 1, 2, 2, 2);
            assertThat(lake.rows().get(0).keySet()).doesNotContain("x__int64", "x__text");
            assertThat(lake.state().fences()).isEqualTo(Map.of(new SourcePartition("cdc.s.t", 0), 5L));
            assertThat(lake.files())
                    .hasSize(4)
                    .filteredOn(file -> file.startsWith("dt=1970-01-02/"))
                    .hasSize(1);
        }
    }

    @Test
    void whatIsNarrowerThanTheTableIsWrittenConvertedAndNothingIsRewritten() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, TEXT, 0, 1, "one");
            lake.checkpoint();
            List<String> before = lake.files();
            lake.write(0, INT32, 1, 2, 2);
            lake.write(0, ZONED, 2, 3, -1L);
            lake.checkpoint();

            assertThat(lake.values("x")).containsExactly("one", "2", "1969-12-31 23:59:59.999999+00");
            assertThat(lake.files()).containsAll(before);
        }
    }

    @Test
    void aTimestampColumnBecomesText() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, ZONED, 0, 1, 1_709_212_455_120_000L);
            lake.write(0, ZONED, 1, 2, Long.MAX_VALUE);
            lake.write(0, ZONED, 2, 3, -63_517_777_544_877_000L);
            lake.checkpoint();
            lake.write(0, TEXT, 3, 4, "soon");
            lake.checkpoint();

            assertThat(lake.values("x"))
                    .containsExactly(
                            "2024-02-29 13:14:15.12+00",
                            "294247-01-10 04:00:54.775807+00",
                            "0044-03-15 12:54:15.123+00 BC",
                            "soon");
        }
    }

    /** The same row before the change, which is rewritten, and after it, which its writer converts. */
    @Test
    void theRewriterAndTheWriterGiveEveryTypeTheSameText() throws Exception {
        Object[] types = {
            "boolean",
            "int16",
            "int32",
            "int64",
            "float32",
            "float64",
            "decimal(12,2)",
            "decimal(30,2)",
            "json",
            "bytes",
            "date",
            "time",
            "timestamp",
            "timestamptz"
        };
        Object[] row = {
            true,
            -5,
            5,
            -5L,
            0.1f,
            Double.NEGATIVE_INFINITY,
            new BigDecimal("-0.05"),
            new BigDecimal("-12345678901234567890.10"),
            "{ }",
            new byte[] {0, -1},
            -735_160,
            47_655_500_000L,
            0L,
            1L
        };
        List<Object> before = new ArrayList<>();
        List<Object> after = new ArrayList<>();
        for (Object type : types) {
            before.addAll(List.of("c " + type, ColumnType.parse((String) type)));
            after.addAll(List.of("c " + type, ColumnType.TEXT));
        }
        TableSchema narrow = schema(before.toArray());
        TableSchema wide = schema(after.toArray());
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, narrow, 0, row);
            lake.write(0, narrow, 1, new @Nullable Object[row.length]);
            lake.checkpoint();
            lake.write(0, wide, 2, new @Nullable Object[row.length]);
            lake.checkpoint();
            lake.write(0, narrow, 3, row);
            lake.checkpoint();

            List<@Nullable Object> rewritten = new ArrayList<>();
            List<@Nullable Object> written = new ArrayList<>();
            for (Object type : types) {
                List<@Nullable Object> values = lake.values("c " + type);
                rewritten.add(values.get(0));
                assertThat(values.subList(1, 3)).containsOnlyNulls();
                written.add(values.get(3));
            }
            assertThat(rewritten)
                    .containsExactly(
                            "true",
                            "-5",
                            "5",
                            "-5",
                            "0.1",
                            "-Infinity",
                            "-0.05",
                            "-12345678901234567890.10",
                            "{ }",
                            "\\x00ff",
                            "0044-03-15 BC",
                            "13:14:15.5",
                            "1970-01-01 00:00:00",
                            "1970-01-01 00:00:00.000001+00");
            assertThat(written).isEqualTo(rewritten);
        }
    }

    @ParameterizedTest
    @org.junit.jupiter.params.provider.CsvSource(delimiter = '|', textBlock = """
                    int16         | -5    | int32         | 70000                   | -5    | 70000
                    int16         | -5    | decimal(4,2)  | 1.25                    | -5.00 | 1.25
                    int64         | -5    | decimal(19,2) | 1.25                    | -5.00 | 1.25
                    decimal(4,2)  | -1.25 | decimal(9,2)  | 1234567.89              | -1.25 | 1234567.89
                    decimal(4,2)  | -1.25 | decimal(6,4)  | 1.2345                  | -1.2500 | 1.2345
                    decimal(4,2)  | -1.25 | decimal(25,4) | 123456789012345678901.2345 | -1.2500 | 123456789012345678901.2345
                    decimal(20,2) | -1.25 | decimal(24,4) | 1.2345                  | -1.2500 | 1.2345
                    decimal(20,2) | -1.25 | int16         | 7                       | -1.25 | 7.00
                    float32       | 0.5   | float64       | 1e300                   | 0.5   | 1.0E300
                    """)
    void numbersStayNumbersWhereOneTypeHoldsBoth(
            String from, String value, String to, String other, String readValue, String readOther) throws Exception {
        TableSchema before = schema("x", ColumnType.parse(from));
        TableSchema after = schema("x", ColumnType.parse(to));
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, before, 0, held(before, value));
            lake.checkpoint();
            lake.write(0, after, 1, held(after, other));
            lake.checkpoint();
            lake.write(0, before, 2, held(before, value));
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.parse(from).join(ColumnType.parse(to)));
            assertThat(lake.values("x")).map(String::valueOf).containsExactly(readValue, readOther, readValue);
        }
    }

    private static Object held(TableSchema schema, String text) {
        return switch (schema.columns().get(0).type().kind()) {
            case INT16, INT32 -> Integer.parseInt(text);
            case INT64 -> Long.parseLong(text);
            case FLOAT32 -> Float.parseFloat(text);
            case FLOAT64 -> Double.parseDouble(text);
            default ->
                new BigDecimal(text).setScale(schema.columns().get(0).type().scale());
        };
    }

    @Test
    void partsOfOneCheckpointMayDisagreeAboutANewColumn() throws Exception {
        try (TestLake lake = new TestLake(folder, 2)) {
            lake.write(0, ZONED, 0, 1, 0L);
            lake.writeAt(0, ZONED, 2 * DAY, 1, 2, 1L);
            lake.write(1, TEXT, 0, 3, "b");
            lake.write(1, INT32, 1, 4, 4);
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.TEXT);
            assertThat(lake.values("x"))
                    .containsExactly("1970-01-01 00:00:00+00", "1970-01-01 00:00:00.000001+00", "b", "4");
            assertThat(onDisk()).as("no file but the table's").isEqualTo(lake.files());
        }
    }

    @Test
    void partsOfOneCheckpointMayWidenTheTableEachInItsWay() throws Exception {
        TableSchema decimal = schema("id", ColumnType.INT32, "x", ColumnType.decimal(4, 2));
        try (TestLake lake = new TestLake(folder, 2)) {
            lake.write(0, schema("id", ColumnType.INT32, "x", ColumnType.INT16), 0, 1, 1);
            lake.checkpoint();
            lake.write(0, INT64, 1, 2, 2L);
            lake.write(1, decimal, 0, 3, new BigDecimal("3.25"));
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.decimal(21, 2));
            assertThat(lake.values("x"))
                    .containsExactly(new BigDecimal("1.00"), new BigDecimal("2.00"), new BigDecimal("3.25"));
        }
    }

    @Test
    void aWriterThatIsBehindIsConvertedAndLearnsTheColumnWithItsNextCheckpoint() throws Exception {
        try (TestLake lake = new TestLake(folder, 2)) {
            lake.write(0, INT32, 0, 1, 1);
            lake.write(1, INT32, 0, 1, 1);
            lake.checkpoint();
            lake.write(0, TEXT, 1, 2, "two");
            LakeCommittable retype = lake.cut();
            lake.write(1, INT32, 1, 2, 2); // opens its file before the table is retyped
            lake.commit(retype);
            LakeCommittable behind = lake.cut();
            lake.commit(behind);

            assertThat(behind.tables().get(0).columns()).contains(new LakeColumn("x", "x", ColumnType.INT32));
            assertThat(lake.values("x")).containsExactly("1", "two", "1", "2");

            lake.write(1, INT32, 2, 3, 3);
            LakeCommittable learnt = lake.cut();
            lake.commit(learnt);

            assertThat(learnt.tables().get(0).columns()).contains(new LakeColumn("x", "x", ColumnType.TEXT));
            assertThat(lake.values("x")).containsExactly("1", "two", "1", "2", "3");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LakeStep.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UPLOADED", "PUBLISHED"})
    void aCrashAtAnyStepLosesNothingAndRepeatsNothing(LakeStep step) throws Exception {
        try (TestLake lake = new TestLake(folder, 2)) {
            lake.writeAt(0, INT32, DAY, 0, 1, 1);
            lake.writeAt(0, INT32, 2 * DAY, 1, 2, 2);
            lake.checkpoint();
            lake.write(0, TEXT, 2, 3, "three");
            lake.write(1, INT64, 0, 4, 4L); // a part that is to be rewritten too
            LakeCommittable retype = lake.cut();
            lake.restartCommitter((table, reached) -> {
                if (reached == step) {
                    throw new Killed(step);
                }
            });
            assertThatThrownBy(() -> lake.commit(retype)).hasRootCauseInstanceOf(Killed.class);
            if (step == LakeStep.LOGGED) {
                assertThat(lake.values("x")).containsExactly("1", "2", "three", "4");
            } else {
                assertThat(lake.values("x")).containsExactly(1, 2);
            }
            List<String> left = onDisk();
            lake.restartCommitter((table, reached) -> {});
            lake.commit(retype);

            assertThat(lake.values("x")).containsExactly("1", "2", "three", "4");
            assertThat(lake.values("id")).containsExactly(1, 2, 3, 4);
            if (step == LakeStep.FILES_VISIBLE) {
                assertThat(left).as("copies are found again").containsAll(lake.files());
            }
            lake.write(0, TEXT, 3, 5, "five");
            lake.checkpoint();
            assertThat(lake.values("x")).containsExactly("1", "2", "three", "five", "4");
        }
    }

    @Test
    void aFreshJobAfterACrashBetweenRewritingAndCommitGoesOn() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, INT32, 0, 1, 1);
            lake.checkpoint();
            lake.write(0, TEXT, 1, 2, "two");
            lake.restartCommitter((table, reached) -> {
                if (reached == LakeStep.FILES_VISIBLE) {
                    throw new Killed(reached);
                }
            });
            LakeCommittable lost = lake.cut();
            assertThatThrownBy(() -> lake.commit(lost)).hasRootCauseInstanceOf(Killed.class);
        }
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, INT32, 0, 1, 1);
            lake.write(0, TEXT, 1, 2, "two");
            lake.write(0, INT32, 2, 3, 3);
            lake.checkpoint();

            assertThat(lake.values("x")).containsExactly("1", "two", "3");
            assertThat(lake.values("id")).containsExactly(1, 2, 3);
        }
    }

    /** What an attempt left half-written, which no attempt of ours does, is not taken for a copy. */
    @Test
    void aBrokenCopyIsWrittenAgain() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, INT32, 0, 1, 1);
            lake.checkpoint();
            Retype retype = Retype.between(
                    List.of(new LakeColumn("x", "x", ColumnType.INT32)),
                    List.of(new LakeColumn("x", "x", ColumnType.TEXT)));
            Files.writeString(table().resolve(retype.pathOf(lake.files().get(0))), "no Parquet");
            lake.write(0, TEXT, 1, 2, "two");
            lake.checkpoint();

            assertThat(lake.values("x")).containsExactly("1", "two");
        }
    }

    @Test
    void filesWithoutTheColumnAreLeftAsTheyAre() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, schema("id", ColumnType.INT32), 0, 1);
            lake.checkpoint();
            List<String> without = lake.files();
            lake.write(0, INT32, 1, 2, 2);
            lake.checkpoint();
            lake.write(0, TEXT, 2, 3, "three");
            lake.checkpoint();

            assertThat(lake.files()).containsAll(without);
            assertThat(lake.values("x")).containsExactly(null, "2", "three");
        }
    }

    @Test
    void rowsKeepTheirOrderAndOnlyWhatIsAddedCountsAsAChangeOfData() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            for (int i = 0; i < 5000; i++) {
                lake.write(0, INT32, i, i, i % 3 == 0 ? null : i);
            }
            lake.checkpoint();
            lake.writeAt(0, TEXT, 2 * DAY, 5000, 5000, "text");
            lake.checkpoint();

            List<@Nullable Object> inOrder = new ArrayList<>();
            new LakeReader(lake.lake).forEach(TestLake.TABLE, row -> {
                if (Integer.valueOf(1).equals(row.get("dt"))) {
                    inOrder.add(row.get("id"));
                    Integer id = (Integer) row.get("id");
                    assertThat(row.get("x")).isEqualTo(id == null || id % 3 == 0 ? null : id.toString());
                }
            });
            assertThat(inOrder).hasSize(5000).isSortedAccordingTo((a, b) -> Integer.compare((int) a, (int) b));
            List<String> log = Files.readAllLines(table().resolve("_delta_log/00000000000000000001.json"));
            assertThat(log)
                    .filteredOn(line -> line.startsWith("{\"remove\""))
                    .hasSize(1)
                    .allMatch(line -> line.contains("\"dataChange\":false"));
            assertThat(log).filteredOn(line -> line.startsWith("{\"add\"")).hasSize(2);
            assertThat(log)
                    .filteredOn(line -> line.startsWith("{\"add\"")
                            && line.contains("\"dataChange\":true")
                            && line.contains("dt=1970-01-03"))
                    .hasSize(1);
            assertThat(log)
                    .filteredOn(line -> line.startsWith("{\"add\"")
                            && line.contains("\"dataChange\":false")
                            && line.contains("dt=1970-01-02"))
                    .hasSize(1);
        }
    }

    @Test
    void jsonBecomesTextWithoutRewriting() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, schema("x", ColumnType.JSON), 0, "{}");
            lake.checkpoint();
            List<String> before = lake.files();
            lake.write(0, schema("x", ColumnType.TEXT), 1, "text");
            lake.checkpoint();

            assertThat(lake.type("x")).isEqualTo(ColumnType.TEXT);
            assertThat(lake.values("x")).containsExactly("{}", "text");
            assertThat(lake.files()).containsAll(before);
        }
    }

    @Test
    void columnsAreReadAgainOnlyWhereACommitHasChangedThem() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            TableLog tables = new DeltaLog(lake.lake);
            TableLog.Columns none = tables.columns(PATH, new TableLog.Columns(-1, List.of()));
            assertThat(none.list()).isEmpty();
            lake.write(0, INT32, 0, 1, 1);
            lake.checkpoint();
            TableLog.Columns first = tables.columns(PATH, none);
            assertThat(first.list()).contains(new LakeColumn("x", "x", ColumnType.INT32));
            lake.write(0, INT32, 1, 2, 2);
            lake.checkpoint();
            TableLog.Columns second = tables.columns(PATH, first);
            assertThat(second.version()).isEqualTo(1);
            assertThat(second.list()).isSameAs(first.list());
            assertThat(tables.columns(PATH, second)).isSameAs(second);
            lake.write(0, TEXT, 2, 3, "three");
            lake.checkpoint();
            TableLog.Columns third = tables.columns(PATH, second);
            assertThat(third.version()).isEqualTo(2);
            assertThat(third.list()).contains(new LakeColumn("x", "x", ColumnType.TEXT));
            assertThat(tables.columns(PATH, first)).isEqualTo(third);
        }
    }

    @Test
    void aLakeThatHasAColumnForEachTypeGoesOnInTheOneThatFitsOrTheNewest() {
        List<LakeColumn> existing =
                List.of(new LakeColumn("x", "x", ColumnType.INT32), new LakeColumn("x__int64", "x", ColumnType.INT64));

        assertThat(TableLayout.of(List.of(INT32), existing).columns().get(1)).isEqualTo(existing.get(0));
        assertThat(TableLayout.of(List.of(INT64), existing).columns().get(1)).isEqualTo(existing.get(1));
        assertThat(TableLayout.of(List.of(TEXT), existing).columns().get(1))
                .isEqualTo(new LakeColumn("x__int64", "x", ColumnType.TEXT));
    }
}
