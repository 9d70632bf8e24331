package io.tributary;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.lake.LakeReader;
import io.tributary.local.SharedFlink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Conditions and computed columns of a pipeline file, from a record to the lake. */
@Harness
class ShapedTablesTest {
    @TempDir
    Path folder;

    private LakeReader lake;
    private int offset;

    @BeforeEach
    void lake() {
        lake = new LakeReader("file:" + folder.resolve("lake"));
    }

    private void event(String op, String key, String row) throws IOException {
        offset++;
        Files.writeString(
                folder.resolve("events.jsonl"),
                """
                {"topic":"cdc.s.t","timestamp":1750000000000,"key":{"id":%1$s},"value":{"before":%2$s,"after":%3$s,"source":{"ts_ms":1750000000000,"schema":"s","table":"t","sequence":"[\\"%4$d\\",\\"%4$d\\"]","lsn":%4$d},"op":"%5$s"}}
                """.formatted(key, op.equals("d") ? row : "null", op.equals("d") ? "null" : row, 100 + offset, op),
                java.nio.file.StandardOpenOption.CREATE,
                java.nio.file.StandardOpenOption.APPEND);
    }

    private void run(String tables) throws Exception {
        PipelineConfig config = PipelineFile.parse(
                """
                name: test
                source: {file: '%s'}
                tables:
                  s.t: {key: [id], types: {price: 'decimal(10,2)'}, %s}
                aggregates:
                  large: {table: s.t, where: "price > 50", count: true}
                sinks: {lake: {path: '%s', current: {every: 1h}}}
                """.formatted(folder.resolve("events.jsonl"), tables, folder.resolve("lake")), Map.of(), Map.of());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        Pipeline.build(env, config, true);
        SharedFlink.run(env);
    }

    private static List<String> rows(LakeReader lake, TableName table, String... columns) throws IOException {
        List<String> rows = new ArrayList<>();
        lake.forEach(table, row -> {
            List<String> values = new ArrayList<>();
            for (String column : columns) {
                values.add(String.valueOf(row.get(column)));
            }
            rows.add(String.join(" ", values));
        });
        return rows;
    }

    @Test
    void theLakeHasTheRowsOfWhichTheConditionIsTrue() throws Exception {
        event("c", "1", "{\"id\":1,\"price\":\"10.00\",\"status\":\"new\"}");
        event("c", "2", "{\"id\":2,\"price\":\"99.90\",\"status\":\"new\"}");
        event("u", "2", "{\"id\":2,\"price\":\"80.00\",\"status\":\"paid\"}");
        event("c", "3", "{\"id\":3,\"price\":\"70.00\",\"status\":\"new\"}");
        event("u", "3", "{\"id\":3,\"price\":\"70.00\",\"status\":\"void\"}");
        event("u", "1", "{\"id\":1,\"price\":\"60.00\",\"status\":\"paid\"}");
        event("c", "4", "{\"id\":4,\"price\":\"-1.00\",\"status\":\"paid\"}");
        run("where: \"price >= 50 && status != 'void'\", columns: {gross: {expr: price * 1.19, type: 'decimal(12,2)'}},"
                + " rules: {price: {expr: 'price > 0'}}");

        TableName table = new TableName("s", "t");
        assertThat(rows(lake.current(), table, "id", "status", "gross"))
                .containsExactlyInAnyOrder("1 paid 71.40", "2 paid 95.20");
        assertThat(rows(lake, table, "id", "_op", "gross"))
                .containsExactlyInAnyOrder("2 c 118.88", "2 u 95.20", "3 c 83.30", "3 d 83.30", "1 c 71.40");
        assertThat(rows(lake.aggregates(), new TableName("", "large"), "count")).containsExactly("2");
        assertThat(rows(lake.aggregates(), new TableName("", "rejected"), "table", "reason", "rule"))
                .containsExactly("s.t rule price.expr");
    }

    @Test
    void whatCannotBeEvaluatedIsADeadLetter() throws Exception {
        event("c", "1", "{\"id\":1,\"price\":\"10.00\",\"status\":\"0\"}");
        event("c", "2", "{\"id\":2,\"price\":\"10.00\",\"status\":\"5\"}");
        run("columns: {each: {expr: price / int(status), type: 'decimal(12,2)'}}");

        assertThat(rows(lake.current(), new TableName("s", "t"), "id", "each")).containsExactly("2 2.00");
        assertThat(rows(lake.aggregates(), new TableName("", "rejected"), "reason", "detail"))
                .containsExactly("expression [cdc.s.t-0@0] cannot evaluate 'tables.s.t.columns.each': / by zero");
    }
}
