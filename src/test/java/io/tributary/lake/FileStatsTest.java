package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a table's log says of its files. */
class FileStatsTest {
    private static final int DAY = (int) LocalDate.of(2024, 2, 29).toEpochDay();
    private static final TableSchema SCHEMA = TestLake.schema(
            "n", ColumnType.INT32,
            "price", ColumnType.decimal(6, 2),
            "wide", ColumnType.decimal(30, 2),
            "day", ColumnType.DATE,
            "at", ColumnType.TIMESTAMP,
            "ratio", ColumnType.FLOAT64,
            "name", ColumnType.TEXT,
            "none", ColumnType.INT64);

    @TempDir
    Path folder;

    private static JsonNode stats(TestLake lake, int file) throws Exception {
        DeltaTables tables = new DeltaTables(lake.lake);
        String stats = tables.files(TestLake.PATH, lake.state()).get(file).stats();
        return new ObjectMapper().readTree(Objects.requireNonNull(stats));
    }

    @Test
    void boundsAndNullsAreInTheLog() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            BigDecimal price = new BigDecimal("-10.10");
            BigDecimal wide = new BigDecimal("1234567890123456.78");
            lake.write(0, SCHEMA, 5, 3, price, wide, DAY, 1_000_001L, 0.5, "b", null);
            lake.write(0, SCHEMA, 6, -4, new BigDecimal("7.00"), null, DAY + 1, -1_000_001L, -2.5, null, null);
            lake.checkpoint();

            JsonNode stats = stats(lake, 0);
            assertThat(stats.get("numRecords").asInt()).isEqualTo(2);
            assertThat(stats.get("minValues")).isEqualTo(new ObjectMapper().readTree("""
                    {"n":-4,"price":-10.10,"day":"2024-02-29","at":"1969-12-31T23:59:58.999Z","ratio":-2.5,\
                    "_ts_ms":86400000,"_partition":0,"_offset":5}"""));
            assertThat(stats.get("maxValues")).isEqualTo(new ObjectMapper().readTree("""
                    {"n":3,"price":7.00,"day":"2024-03-01","at":"1970-01-01T00:00:01.001Z","ratio":0.5,\
                    "_ts_ms":86400000,"_partition":0,"_offset":6}"""));
            assertThat(stats.get("nullCount").get("name").asInt()).isEqualTo(1);
            assertThat(stats.get("nullCount").get("wide").asInt()).isEqualTo(1);
            assertThat(stats.get("nullCount").get("none").asInt()).isEqualTo(2);
            assertThat(stats.get("nullCount").get("n").asInt()).isZero();
        }
    }

    @Test
    void boundsThatNoReaderCouldTakeAreLeftOut() throws Exception {
        TableSchema odd = TestLake.schema(
                "nan",
                ColumnType.FLOAT64,
                "infinite",
                ColumnType.FLOAT64,
                "far",
                ColumnType.DATE,
                "n",
                ColumnType.INT32);
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, odd, 0, Double.NaN, Double.POSITIVE_INFINITY, 4_000_000, 1);
            lake.write(0, odd, 1, 1.0, 1.0, 0, 2);
            lake.checkpoint();

            List<String> bounded = new ArrayList<>();
            stats(lake, 0).get("maxValues").fieldNames().forEachRemaining(bounded::add);
            assertThat(bounded).contains("n", "_offset").doesNotContain("nan", "infinite", "far");
        }
    }

    @Test
    void copyInAnotherTypeKeepsTheBoundsOfOtherColumns() throws Exception {
        TableSchema narrow = TestLake.schema("a", ColumnType.INT32, "b", ColumnType.INT32);
        TableSchema wide = TestLake.schema("a", ColumnType.TEXT, "b", ColumnType.INT32);
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, narrow, 0, 1, 2);
            lake.checkpoint();
            lake.write(0, wide, 1, "x", 3);
            lake.checkpoint();

            for (int file = 0; file < 2; file++) {
                assertThat(stats(lake, file).get("minValues").has("a")).isFalse();
                assertThat(stats(lake, file).get("minValues").has("b")).isTrue();
                assertThat(stats(lake, file).get("nullCount").get("a").asInt()).isZero();
            }
        }
    }

    @Test
    void lastBoundThatGoesTakesTheBoundsWithIt() {
        assertThat(FileStats.without(
                        Set.of("a"),
                        "{\"numRecords\":2,\"minValues\":{\"a\":1},\"maxValues\":{\"a\":2},\"nullCount\":{\"a\":0}}"))
                .isEqualTo("{\"numRecords\":2,\"nullCount\":{\"a\":0}}");
    }
}
