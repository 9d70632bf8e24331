package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Server;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PostgreSQL to the lake, end to end, on the whole real stack, stopped and resumed. */
@Server
class DemoTest {
    @TempDir
    Path folder;

    private JsonNode demo(String length) throws IOException {
        Path report = folder.resolve("report.json");
        int exit = Tributary.commandLine()
                .execute(
                        "demo",
                        "--for",
                        length,
                        "--rate",
                        "400",
                        "--data",
                        folder.resolve("data").toString(),
                        "--report",
                        report.toString());
        assertThat(exit).isZero();
        return new ObjectMapper().readTree(report.toFile());
    }

    @Test
    void sourceAndLakeAgreeAndTheNextStartGoesOn() throws IOException {
        JsonNode first = demo("6s");
        long reads = snapshotReads(first);

        JsonNode second = demo("4s");

        assertThat(first.at("/tables")).hasSize(3).allSatisfy(DemoTest::agrees);
        assertThat(second.at("/tables")).hasSize(3).allSatisfy(DemoTest::agrees);
        assertThat(second.at("/total/read").asLong())
                .isGreaterThan(first.at("/total/read").asLong());
        assertThat(reads).as("the snapshot's rows").isEqualTo(3000);
        assertThat(snapshotReads(second)).as("no second snapshot").isEqualTo(reads);
    }

    private long snapshotReads(JsonNode report) throws IOException {
        long[] reads = new long[1];
        io.tributary.lake.LakeReader lake = new io.tributary.lake.LakeReader(
                "file:" + folder.resolve("data/lake").toAbsolutePath());
        for (JsonNode table : report.at("/tables")) {
            String[] name = table.get("name").asText().split("\\.", 2);
            lake.forEach(
                    new io.tributary.change.TableName(name[0], name[1]),
                    row -> reads[0] += "r".equals(row.get("_op")) ? 1 : 0);
        }
        return reads[0];
    }

    private static void agrees(JsonNode table) {
        assertThat(table.get("differing").asLong()).isZero();
        assertThat(table.get("mirror_differing").asLong()).isZero();
        assertThat(table.get("mirror_rows").asLong())
                .isEqualTo(table.get("source_rows").asLong());
        assertThat(table.get("repeated").asLong()).isZero();
        assertThat(table.get("source_rows").asLong())
                .isPositive()
                .isEqualTo(table.get("lake_rows").asLong());
        assertThat(table.get("read").asLong())
                .isEqualTo(table.get("applied").asLong()
                        + table.get("duplicates").asLong()
                        + table.get("rejected").asLong()
                        + table.get("ignored").asLong())
                .isEqualTo(table.get("kafka_records").asLong());
    }
}
