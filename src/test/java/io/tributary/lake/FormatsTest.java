package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Harness;
import io.tributary.Pipeline;
import io.tributary.change.ColumnType;
import io.tributary.change.TableFormat;
import io.tributary.change.TableSchema;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.SharedFlink;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tables that readers see without a log. */
@Harness
class FormatsTest {
    private static final TableSchema SCHEMA = TestLake.schema(
            "id", ColumnType.INT32,
            "price", ColumnType.decimal(6, 2),
            "name", ColumnType.TEXT,
            "at", ColumnType.TIMESTAMPTZ,
            "ok", ColumnType.BOOLEAN,
            "ratio", ColumnType.FLOAT64,
            "raw", ColumnType.BYTES);
    private static final TableSchema TEXTS = TestLake.schema("id", ColumnType.TEXT, "more", ColumnType.INT64);

    @TempDir
    Path folder;

    /** The lines of all files of the history, by file in the order of their first rows. */
    private List<String> lines(String ending) {
        try (Stream<Path> files = Files.walk(folder.resolve(TestLake.PATH))) {
            return files.filter(file -> String.valueOf(file.getFileName()).endsWith(ending)
                            && !String.valueOf(file.getFileName()).startsWith("."))
                    .map(FormatsTest::lines)
                    .sorted((a, b) -> String.join("", a.subList(a.size() - 1, a.size()))
                            .compareTo(String.join("", b.subList(b.size() - 1, b.size()))))
                    .flatMap(List::stream)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void writeBoth(TestLake lake) throws Exception {
        byte[] raw = {0, (byte) 255};
        lake.write(0, SCHEMA, 0, 1, new BigDecimal("-0.50"), "a, \"b\"\n", 1_500_000L, true, 0.5, raw);
        lake.write(0, SCHEMA, 1, 2, null, "", null, null, Double.NaN, null);
        lake.checkpoint();
        lake.write(0, TEXTS, 2, "x", 7L);
        lake.write(0, SCHEMA, 3, 3, null, null, null, null, null, null);
        lake.checkpoint();
    }

    @Test
    void linesOfJsonHaveNumbersAndTruthsAsSuch() throws Exception {
        try (TestLake lake = new TestLake(folder, 1, TableFormat.JSON)) {
            writeBoth(lake);

            assertThat(lines(".json").stream().map(line -> line.replaceAll(",\"_op.*", "}")))
                    .containsExactlyInAnyOrder(
                            "{\"id\":1,\"price\":-0.50,\"name\":\"a, \\\"b\\\"\\n\",\"at\":\"1970-01-01 00:00:01.5+00\",\"ok\":true,\"ratio\":0.5,\"raw\":\"\\\\x00ff\"}",
                            "{\"id\":2,\"price\":null,\"name\":\"\",\"at\":null,\"ok\":null,\"ratio\":\"NaN\",\"raw\":null}",
                            "{\"id\":\"x\",\"price\":null,\"name\":null,\"at\":null,\"ok\":null,\"ratio\":null,\"raw\":null,\"more\":7}",
                            "{\"id\":\"3\",\"price\":null,\"name\":null,\"at\":null,\"ok\":null,\"ratio\":null,\"raw\":null,\"more\":null}");
            assertThat(lines(".json"))
                    .anyMatch(
                            line -> line.endsWith(
                                    "\"_op\":\"c\",\"_ts_ms\":86400000,\"_topic\":\"cdc.s.t\",\"_partition\":0,\"_offset\":1,\"_tx\":null,\"_deleted\":false}"));
        }
    }

    @Test
    void valuesSeparatedByCommasTellNullFromNothing() throws Exception {
        try (TestLake lake = new TestLake(folder, 1, TableFormat.CSV)) {
            writeBoth(lake);

            assertThat(String.join("\n", lines(".csv")))
                    .contains("""
                            id,price,name,at,ok,ratio,raw,_op,_ts_ms,_topic,_partition,_offset,_tx,_deleted
                            1,-0.50,"a, ""b""
                            ",1970-01-01 00:00:01.5+00,true,0.5,\\x00ff,c,86400000,cdc.s.t,0,0,,false
                            2,,"",,,NaN,,c,86400000,cdc.s.t,0,1,,false
                            """.stripTrailing())
                    .contains("id,price,name,at,ok,ratio,raw,more,_op,")
                    .contains("x,,,,,,,7,c,86400000,cdc.s.t,0,2,,false")
                    .contains("3,,,,,,,,c,86400000,cdc.s.t,0,3,,false");
        }
    }

    @Test
    void aSpreadsheetTakesNoTextForAFormula() throws Exception {
        String[] texts = {"=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\uff1d1", "-5", "+1.5e3", "a=1", ""};
        try (TestLake lake = new TestLake(folder, 1, TableFormat.CSV_GUARDED)) {
            for (int i = 0; i < texts.length; i++) {
                lake.write(0, TEXTS, i, texts[i], (long) i);
            }
            lake.checkpoint();

            assertThat(lines(".csv").stream().skip(1).map(line -> line.substring(0, line.indexOf(','))))
                    .containsExactlyInAnyOrder(
                            "'=1+1",
                            "'+cmd",
                            "'-2+3",
                            "'@SUM(A1)",
                            "\"'\t=1\"",
                            "'\uff1d1",
                            "-5",
                            "+1.5e3",
                            "a=1",
                            "\"\"");
        }
    }

    /** Passes through every catch of exceptions, as a killed process would. */
    private static final class Killed extends Error {}

    @ParameterizedTest
    @EnumSource(
            value = LakeStep.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"UPLOADED", "PUBLISHED"})
    void whoComesAfterAFailureMakesVisibleWhatWasAnnouncedAndNothingTwice(LakeStep step) throws Exception {
        try (TestLake lake = new TestLake(folder, 1, TableFormat.JSON)) {
            lake.write(0, TEXTS, 0, "a", 1L);
            lake.checkpoint();
            lake.write(0, TEXTS, 1, "b", 2L);
            LakeCommittable cut = lake.cut();
            lake.restartCommitter((table, reached) -> {
                if (reached == step) {
                    throw new Killed();
                }
            });
            assertThatThrownBy(() -> lake.commit(cut)).hasRootCauseInstanceOf(Killed.class);

            lake.restartCommitter(SinkSteps.NONE);
            lake.commit(cut);
            lake.commit(cut);

            assertThat(lines(".json")).hasSize(2).anyMatch(line -> line.contains("\"b\""));
        }
    }

    @Test
    void announcedFileOfACheckpointThatIsNeverTriedAgainBecomesVisibleWithTheNext() throws Exception {
        try (TestLake lake = new TestLake(folder, 1, TableFormat.CSV)) {
            lake.write(0, TEXTS, 0, "a", 1L);
            LakeCommittable lost = lake.cut();
            lake.restartCommitter((table, reached) -> {
                if (reached == LakeStep.LOGGED) {
                    throw new Killed();
                }
            });
            assertThatThrownBy(() -> lake.commit(lost)).hasRootCauseInstanceOf(Killed.class);
            assertThat(lines(".csv")).isEmpty();

            lake.restartCommitter(SinkSteps.NONE);
            lake.write(0, TEXTS, 1, "b", 2L);
            lake.checkpoint();

            assertThat(lines(".csv"))
                    .filteredOn(line -> !line.startsWith("id,"))
                    .hasSize(2);
        }
    }

    @Test
    void tableThatIsThereInAnotherFormatIsRefused() throws Exception {
        try (TestLake lake = new TestLake(folder, 1)) {
            lake.write(0, TEXTS, 0, "a", 1L);
            lake.checkpoint();
        }
        try (TestLake lake = new TestLake(folder, 1, TableFormat.CSV)) {
            lake.write(0, TEXTS, 1, "a", 1L);
            assertThatThrownBy(lake::checkpoint)
                    .hasRootCauseMessage("cannot write raw-kafka-data/s.t as csv: it is there in another format; set"
                            + " 'format' back, or delete the table's folder and its log");
        }
    }

    @ParameterizedTest
    @EnumSource(value = TableFormat.class, mode = EnumSource.Mode.EXCLUDE, names = "DELTA")
    void aggregateIsOneFileThatTheNextTakesThePlaceOf(TableFormat format) throws Exception {
        Path events = folder.resolve("events.jsonl");
        for (String group : List.of("a", "b")) {
            Files.writeString(events, (Files.exists(events) ? Files.readString(events) : "") + """
                    {"topic":"cdc.s.t","timestamp":null,"key":{"id":"%1$s"},"value":{"before":null,"after":{"id":"%1$s","g":"%1$s"},"source":{"ts_ms":1750000000000,"schema":"s","table":"t"},"op":"c"}}
                    """.formatted(group));
            PipelineConfig config = PipelineFile.parse(
                    """
                    name: test
                    source: {file: '%s'}
                    tables: {s.t: {key: [id], format: %s}}
                    aggregates:
                      by-g: {table: s.t, group-by: g, count: true, format: %2$s}
                    sinks: {lake: {path: '%s', current: {every: never}}}
                    """.formatted(
                            events, format.name().toLowerCase(Locale.ROOT).replace('_', '-'), folder.resolve("lake")),
                    Map.of(),
                    Map.of());
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
            Pipeline.build(env, config, true);
            SharedFlink.run(env);
        }

        try (Stream<Path> files = Files.list(folder.resolve("lake/by-g"))) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            if (format == TableFormat.CSV || format == TableFormat.CSV_GUARDED) {
                assertThat(lines(all.get(0))).containsExactlyInAnyOrder("g,count", "a,1", "b,1");
            } else if (format == TableFormat.JSON) {
                assertThat(lines(all.get(0)))
                        .containsExactlyInAnyOrder("{\"g\":\"a\",\"count\":1}", "{\"g\":\"b\",\"count\":1}");
            }
        }
        try (Stream<Path> files = Files.walk(folder.resolve("lake/raw-kafka-data/s.t"))) {
            assertThat(files.filter(Files::isRegularFile)).hasSize(2);
        }
    }
}
