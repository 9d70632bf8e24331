package io.tributary.lake;

import static io.tributary.lake.TestLake.DAY;
import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Pure
class CompactionTest {
    private static final TableSchema NARROW =
            TestLake.schema("id", ColumnType.INT64, "n", ColumnType.INT32, "sum", ColumnType.decimal(30, 2));
    private static final TableSchema WIDE = TestLake.schema(
            "id",
            ColumnType.INT64,
            "n",
            ColumnType.INT64,
            "sum",
            ColumnType.decimal(30, 2),
            "note",
            ColumnType.TEXT,
            "raw",
            ColumnType.BYTES);

    @TempDir
    Path folder;

    private static final java.math.BigDecimal SUM = new java.math.BigDecimal("12345678901234567890.12");

    private static long files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(".parquet")).count();
        }
    }

    @Test
    void daysThatAreOverBecomeOneFileAndNoRowChanges() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.writeAt(0, NARROW, DAY, 0, 1L, 7, SUM);
            lake.writeAt(0, NARROW, 2 * DAY, 1, 2L, null, null);
            lake.checkpoint();
            lake.writeAt(0, WIDE, DAY, 2, 3L, 1L << 40, SUM.negate(), "über", new byte[] {0, -1});
            lake.checkpoint();
            lake.writeAt(0, WIDE, 3 * DAY, 3, 4L, 5L, null, null, null);
            lake.checkpoint();
            lake.writeAt(0, WIDE, DAY, 4, 5L, 6L, SUM, "x", null);
            lake.checkpoint();
            List<Map<String, @Nullable Object>> rows = lake.rows();
            assertThat(lake.files()).hasSize(5);
            Compaction compaction = new Compaction(lake.lake);

            Compaction.Outcome outcome = compaction.compact(TestLake.PATH, LocalDate.ofEpochDay(3));

            assertThat(outcome).isEqualTo(new Compaction.Outcome(1, 3, 1));
            assertThat(lake.files())
                    .hasSize(3)
                    .filteredOn(file -> file.startsWith("dt=1970-01-02/"))
                    .hasSize(1);
            assertThat(lake.rows()).usingRecursiveComparison().isEqualTo(rows);
            assertThat(compaction.compact(TestLake.PATH, LocalDate.ofEpochDay(3)))
                    .as("there is nothing left to do")
                    .isEqualTo(new Compaction.Outcome(0, 0, 0));

            // the job goes on beside it, from what it knew
            lake.writeAt(0, WIDE, DAY, 5, 6L, 7L, SUM, "y", null);
            lake.checkpoint();
            assertThat(lake.values("id")).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        }
    }

    @Test
    void filesGoWhenNoVersionWithinTheRetentionHasThem() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, NARROW, 0, 1L, 7, SUM);
            lake.checkpoint();
            lake.write(0, NARROW, 1, 2L, 8, SUM);
            lake.checkpoint();
            Compaction compaction = new Compaction(lake.lake);
            compaction.compact(TestLake.PATH, LocalDate.ofEpochDay(3));
            Path unnamed = folder.resolve(TestLake.PATH).resolve("dt=1970-01-02/part-unnamed.parquet");
            Files.createFile(unnamed);

            assertThat(compaction.vacuum(TestLake.PATH, Duration.ofHours(1))).isZero();
            assertThat(files(folder)).isEqualTo(4);
            Thread.sleep(2); // what has gone must have gone before now
            assertThat(compaction.vacuum(TestLake.PATH, Duration.ZERO)).isEqualTo(2);

            assertThat(unnamed).as("the running job may be about to name it").exists();
            assertThat(lake.values("id")).containsExactly(1L, 2L);
        }
    }

    @Test
    void allTablesOfALakeAreFound() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, NARROW, 0, 1L, 7, SUM);
            lake.checkpoint();
        }
        assertThat(new Compaction("file:" + folder).tables()).containsExactly(TestLake.PATH);
    }
}
