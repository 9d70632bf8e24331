package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a table's log says of its files. */
class FileStatsTest {
    private static final TableSchema SCHEMA = TestLake.schema(
            "n", ColumnType.INT32,
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
    void rowsAndNullsAreInTheLogAndNoBounds() throws Exception {
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
    void aCopyInAnotherTypeKeepsThem() throws Exception {
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
            }
        }
    }
}
