package io.tributary.lake;

import static io.tributary.lake.TestLake.PATH;
import static io.tributary.lake.TestLake.schema;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Pure;
import io.tributary.change.ColumnType;
import io.tributary.change.Conversion;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class ParquetRewriteTest {
    @TempDir
    Path folder;

    private static List<String> names(Path folder) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFailureLeavesNoFile() throws Exception {
        ColumnType wide = ColumnType.decimal(10, 4);
        Retype.Widening widening =
                new Retype.Widening(new LakeColumn("x", "x", wide), Conversion.of(ColumnType.decimal(4, 2), wide));
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, schema("x", ColumnType.TEXT), 0, "this is no decimal");
            lake.checkpoint();
            Path day = folder.resolve(PATH).resolve("dt=1970-01-02");
            Path file = folder.resolve(PATH).resolve(lake.files().get(0));
            List<String> before = names(day);
            try (ParquetRewrite rewrite =
                    new ParquetRewrite(new org.apache.flink.core.fs.Path(file.toUri()), Map.of("x", widening))) {
                assertThat(rewrite.isNeeded()).isTrue();
                assertThatThrownBy(() -> rewrite.to(new org.apache.flink.core.fs.Path(file.toUri() + ".copy")))
                        .isInstanceOf(ArithmeticException.class);
            }
            assertThat(names(day)).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "24:00:00, 24:00:00",
        "13:14:15.500000, 13:14:15.5",
        "13:14:15.000001, 13:14:15.000001",
        "13:14:10.000000, 13:14:10",
        "13:14:10, 13:14:10"
    })
    void aTimeOfDayLosesTheZerosOfItsFraction(String held, String text) {
        assertThat(ConvertedColumn.timeOfDay(held)).isEqualTo(text);
    }

    @Test
    void theCopyOfACopyHasANameOfItsOwn() {
        LakeColumn int32 = new LakeColumn("x", "x", ColumnType.INT32);
        LakeColumn int64 = new LakeColumn("x", "x", ColumnType.INT64);
        LakeColumn text = new LakeColumn("x", "x", ColumnType.TEXT);
        String file = "dt=2024-02-29/part-1.zstd.parquet";
        String copy = Retype.between(List.of(int32), List.of(int64)).pathOf(file);

        assertThat(copy).matches("dt=2024-02-29/part-1-[0-9a-f]{8}\\.zstd\\.parquet");
        assertThat(Retype.between(List.of(int64), List.of(text)).pathOf(copy))
                .matches("dt=2024-02-29/part-1-[0-9a-f]{8}-[0-9a-f]{8}\\.zstd\\.parquet");
        assertThat(Retype.between(List.of(int32), List.of(text)).pathOf(file)).isNotEqualTo(copy);
    }
}
