package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Harness;
import io.tributary.Pipeline;
import io.tributary.account.BreakerLimits;
import io.tributary.change.ByTable;
import io.tributary.change.SchemaChanges;
import io.tributary.change.Secret;
import io.tributary.change.TableFormat;
import io.tributary.change.TableName;
import io.tributary.change.TableOptions;
import io.tributary.changelog.ChangelogOperator;
import io.tributary.decode.DecodeSettings;
import io.tributary.decode.OutOfRange;
import io.tributary.decode.TableSettings;
import io.tributary.local.SharedFlink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.SinkSteps;
import io.tributary.source.Sources;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that come later, by the job run again over a file that has grown: the fence leaves out what is there. */
@Harness
class ColumnsTest {
    @TempDir
    Path folder;

    private TableOptions options = TableOptions.DEFAULT;

    private void append(String row) throws IOException {
        append(row, Map.of());
    }

    private void append(String row, Map<String, String> types) throws IOException {
        Files.writeString(
                folder.resolve("events.jsonl"),
                """
                {"topic":"cdc.s.t","timestamp":null,"key":{"id":1},"value":{"before":null,"after":%s,"source":{"ts_ms":1750000000000,"schema":"s","table":"t"},"op":"c"}}
                """.formatted(row),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        Pipeline.wire(
                env,
                Sources.ofFiles(folder.resolve("events.jsonl").toString()),
                new DecodeSettings(
                        new HashMap<>(Map.of(
                                "s.t", new TableSettings(List.of(), types, 1, OutOfRange.TEXT, Map.of(), false))),
                        DecodeSettings.UNAVAILABLE,
                        Secret.NONE),
                new ChangelogOperator(Map.of()),
                List.of(new Outlet<>(
                        "lake",
                        Feed.CHANGES,
                        LakeSink.history("file:" + folder.resolve("lake"), "replays", options, SinkSteps.NONE))),
                List.of(),
                BreakerLimits.DEFAULT,
                null);
        try {
            SharedFlink.run(env);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private List<Map<String, @Nullable Object>> rows() throws IOException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        new LakeReader("file:" + folder.resolve("lake")).forEach(new TableName("s", "t"), row -> {
            Map<String, @Nullable Object> own = new HashMap<>(row);
            own.keySet().removeIf(name -> name.startsWith("_") && !name.equals("_offset"));
            rows.add(own);
        });
        rows.sort((a, b) -> Long.compare(offset(a), offset(b)));
        return rows;
    }

    private static long offset(Map<String, @Nullable Object> row) {
        return (Long) Objects.requireNonNull(row.get("_offset"));
    }

    @Test
    void columnThatComesLaterIsAddedAndNullInWhatWasThere() throws IOException {
        append("{\"id\":1,\"v\":\"a\"}");
        append("{\"id\":1,\"v\":\"b\",\"later\":\"new\"}");

        assertThat(rows()).hasSize(2);
        assertThat(rows().get(0)).containsEntry("v", "a").containsEntry("later", null);
        assertThat(rows().get(1)).containsEntry("v", "b").containsEntry("later", "new");
    }

    @Test
    void columnWithAnOddNameIsAddedToATableThatHadNone() throws IOException {
        append("{\"id\":1,\"v\":\"a\"}");
        append("{\"id\":1,\"v\":\"b\",\"odd name, (x)\":\"kept\"}");
        append("{\"id\":1,\"v\":\"c\",\"odd name, (x)\":\"too\",\"plain\":\"p\"}");

        assertThat(rows()).hasSize(3);
        assertThat(rows().get(0)).containsEntry("v", "a").containsEntry("odd name, (x)", null);
        assertThat(rows().get(1)).containsEntry("v", "b").containsEntry("odd name, (x)", "kept");
        assertThat(rows().get(2)).containsEntry("odd name, (x)", "too").containsEntry("plain", "p");
    }

    @Test
    void columnWhoseTypeChangesGoesOnWithAllItsValues() throws Exception {
        append("{\"id\":1,\"v\":7}", Map.of("v", "int32"));
        append("{\"id\":2,\"v\":7.25}", Map.of("v", "decimal(6,2)"));

        assertThat(rows())
                .extracting(row -> row.get("v"))
                .containsExactly(new BigDecimal("7.00"), new BigDecimal("7.25"));

        append("{\"id\":3,\"v\":\"seven\"}", Map.of("v", "text"));

        assertThat(rows()).extracting(row -> row.get("v")).containsExactly("7.00", "7.25", "seven");
        assertThat(rows()).extracting(row -> row.get("_offset")).containsExactly(0L, 1L, 2L);
    }

    @Test
    void namesThatDifferInCaseOnlyAndReservedNamesKeepTheirValues() throws IOException {
        append("{\"id\":1,\"Name\":\"upper\",\"name\":\"lower\",\"dt\":\"mine\",\"_op\":\"mine too\"}");

        assertThat(rows()).hasSize(1);
        assertThat(rows().get(0)).containsValue("upper").containsValue("lower").containsValue("mine");
    }

    private static TableOptions only(SchemaChanges changes) {
        return new TableOptions(
                new ByTable<>(SchemaChanges.EVOLVE, new HashMap<>(Map.of("s.t", changes))),
                ByTable.all(TableFormat.DELTA));
    }

    @Test
    void columnThatComesLaterIsLeftOutWhereTheTableIgnoresItAndATypeIsWidenedAllTheSame() throws IOException {
        options = only(SchemaChanges.IGNORE);
        append("{\"id\":1,\"v\":7}", Map.of("v", "int32"));
        append("{\"id\":2,\"later\":\"new\",\"v\":\"seven\"}", Map.of("v", "text"));

        assertThat(rows()).hasSize(2).noneMatch(row -> row.containsKey("later"));
        assertThat(rows()).extracting(row -> row.get("v")).containsExactly("7", "seven");
    }

    @Test
    void columnOrTypeThatComesLaterEndsTheJobWhereTheTableFails() throws IOException {
        options = only(SchemaChanges.FAIL);
        append("{\"id\":1,\"v\":7}", Map.of("v", "int32"));
        append("{\"id\":2,\"v\":8}", Map.of("v", "int32"));

        assertThatThrownBy(() -> append("{\"id\":3,\"v\":8}", Map.of("v", "int64")))
                .hasStackTraceContaining(
                        "raw-kafka-data/s.t: the source has the column 'v' of type int64, which the table has as int32, and"
                                + " 'schema-changes' is fail; set it to evolve or ignore and go on from the last checkpoint");
        assertThat(rows()).hasSize(2);
    }
}
