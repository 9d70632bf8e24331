package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a table's log says of its files. */
@Pure
class FileStatsTest {
    private static final TableSchema SCHEMA = TestLake.schema(
            "n", ColumnType.INT32,
            "ratio", ColumnType.FLOAT64,
            "name", ColumnType.TEXT,
            "none", ColumnType.INT64);

    @TempDir
    Path folder;

    private static String text(TestLake lake, int file) throws Exception {
        TableLog tables = new DeltaLog(lake.lake);
        return Objects.requireNonNull(
                tables.files(TestLake.PATH, lake.state()).get(file).stats());
    }

    private static JsonNode stats(TestLake lake, int file) throws Exception {
        return new ObjectMapper()
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .readTree(text(lake, file));
    }

    @Test
    void rowsAndNullsAreInTheLogAndNoBoundsWhereOneColumnHasNone() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, SCHEMA, 5, 3, 0.5, "b", null);
            lake.write(0, SCHEMA, 6, -4, Double.NaN, null, null);
            lake.checkpoint();

            JsonNode stats = stats(lake, 0);
            assertThat(stats.get("numRecords").asInt()).isEqualTo(2);
            assertThat(stats.get("nullCount").get("name").asInt()).isEqualTo(1);
            assertThat(stats.get("nullCount").get("none").asInt()).isEqualTo(2);
            assertThat(stats.get("nullCount").get("n").asInt()).isZero();
            assertThat(stats.get("nullCount").get("ratio").asInt()).isZero();
            assertThat(stats.has("minValues") || stats.has("maxValues")).isFalse();
        }
    }

    @Test
    void boundsHoldAllValues() throws Exception {
        TableSchema all = TestLake.schema(
                "n", ColumnType.INT64,
                "ratio", ColumnType.FLOAT64,
                "truth", ColumnType.BOOLEAN,
                "money", ColumnType.decimal(12, 2),
                "wide", ColumnType.decimal(38, 10),
                "day", ColumnType.DATE,
                "at", ColumnType.TIMESTAMPTZ,
                "name", ColumnType.TEXT,
                "raw", ColumnType.BYTES,
                "none", ColumnType.INT64);
        BigDecimal most = new BigDecimal("9999999999999999999999999999.9999999999");
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, all, 0, 1L << 62, 0.0, true, new BigDecimal("1.50"), most, 0, -1L, "b", new byte[1], null);
            lake.write(0, all, 1, -7L, 0.25, false, new BigDecimal("-2.00"), most.negate(), -1, 1001L, "ż", null, null);
            lake.write(0, all, 2, null, null, null, null, null, null, null, null, null, null);
            lake.checkpoint();

            JsonNode stats = stats(lake, 0);
            JsonNode least = stats.get("minValues");
            JsonNode greatest = stats.get("maxValues");
            assertThat(least.get("n").longValue()).isEqualTo(-7);
            assertThat(greatest.get("n").longValue()).isEqualTo(1L << 62);
            assertThat(text(lake, 0)).contains("\"ratio\":-0.0", "\"ratio\":0.25");
            assertThat(least.get("truth").booleanValue()).isFalse();
            assertThat(greatest.get("truth").booleanValue()).isTrue();
            assertThat(least.get("money").decimalValue()).isEqualByComparingTo("-2.00");
            assertThat(greatest.get("wide").decimalValue()).isEqualByComparingTo(most);
            assertThat(least.get("wide").decimalValue()).isEqualByComparingTo(most.negate());
            assertThat(least.get("day").textValue()).isEqualTo("1969-12-31");
            assertThat(greatest.get("day").textValue()).isEqualTo("1970-01-01");
            assertThat(least.get("at").textValue()).isEqualTo("1969-12-31T23:59:59.999Z");
            assertThat(greatest.get("at").textValue()).isEqualTo("1970-01-01T00:00:00.002Z");
            assertThat(least.get("name").textValue()).isEmpty();
            assertThat(greatest.get("name").textValue()).isEqualTo("\uDBFF\uDFFF");
            assertThat(least.get("_offset").longValue()).isZero();
            assertThat(greatest.get("_offset").longValue()).isEqualTo(2);
            assertThat(least.has("raw") || least.has("none")).isFalse();
        }
    }

    @Test
    void aCompactedFileHasTheFirstLettersOfItsTexts() throws Exception {
        TableSchema named = TestLake.schema("name", ColumnType.TEXT);
        String zs = "\uD83D\uDE00".repeat(33);
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, named, 0, "a".repeat(33));
            lake.checkpoint();
            lake.write(0, named, 1, zs);
            lake.checkpoint();
            var unusedOutcome = new Compaction(lake.lake).compact(TestLake.PATH, LocalDate.ofEpochDay(3));

            JsonNode stats = stats(lake, 0);
            assertThat(stats.get("minValues").get("name").textValue()).isEqualTo("a".repeat(32));
            assertThat(stats.get("maxValues").get("name").textValue())
                    .isEqualTo("\uD83D\uDE00".repeat(32) + "\uDBFF\uDFFF");
        }
    }

    @Test
    void aYearOfMoreThanFourDigitsIsNotWritten() throws Exception {
        TableSchema dated = TestLake.schema("day", ColumnType.DATE);
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, dated, 0, (int) LocalDate.of(10_000, 1, 1).toEpochDay());
            lake.checkpoint();

            assertThat(stats(lake, 0).has("maxValues")).isFalse();
        }
    }

    @Test
    void aCopyInAnotherTypeKeepsNullsAndHasNoBounds() throws Exception {
        TableSchema narrow = TestLake.schema("a", ColumnType.INT32, "b", ColumnType.INT32);
        TableSchema wide = TestLake.schema("a", ColumnType.TEXT, "b", ColumnType.INT32);
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, narrow, 0, 1, null);
            lake.checkpoint();
            lake.write(0, wide, 1, "x", null);
            lake.checkpoint();

            for (int file = 0; file < 2; file++) {
                assertThat(stats(lake, file).get("nullCount").get("a").asInt()).isZero();
                assertThat(stats(lake, file).get("nullCount").get("b").asInt()).isEqualTo(1);
                assertThat(stats(lake, file).path("minValues").path("a").isNumber())
                        .isFalse();
            }
        }
    }
}
