package io.tributary.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.Pipeline;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.lake.LakeReader;
import io.tributary.local.SharedFlink;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values of hidden columns, through the whole job: in good rows, in rows that break a rule, in records that cannot be read. */
@Harness
class PrivacyTest {
    private static final String CANARY = "CANARY";

    @TempDir
    private Path folder;

    private static String event(int id, String email, String card, String note, String n) {
        return """
                {"topic":"cdc.public.t","headers":{"h":"%5$s"},"timestamp":1750000000000,"key":{"email":"%2$s"},"value":{"before":null,\
                "after":{"id":%1$d,"email":"%2$s","card":"%3$s","note":"%4$s","n":"%6$s"},\
                "source":{"ts_ms":1750000000000,"schema":"public","table":"t"},"op":"c"}}
                """.formatted(id, email, card, note, note, n);
    }

    private List<String> lake(String table) throws IOException {
        List<String> rows = new ArrayList<>();
        TableName name = table.isEmpty() ? new TableName("", "rejected") : new TableName("public", table);
        new LakeReader("file:" + folder.resolve("lake")).forEach(name, row -> {
            StringBuilder text = new StringBuilder();
            row.forEach((column, value) -> text.append(column)
                    .append('=')
                    .append(value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : value)
                    .append(' '));
            rows.add(text.toString());
        });
        rows.sort(Comparator.naturalOrder());
        return rows;
    }

    @Test
    void hiddenValuesAreNowhere() throws Exception {
        Files.writeString(
                folder.resolve("events.jsonl"),
                event(1, "CANARY1@x.y", "CANARY2 4111 1111 2222", "CANARY3", "5")
                        + event(2, "CANARY4@x.y", "CANARY5 4111 1111 3333", "CANARY6", "-5")
                        + event(3, "CANARY7@x.y", "CANARY8 4111 1111 4444", "CANARY9", "CANARY no number")
                        + "{\"topic\":\"cdc.public.t\",\"headers\":{},\"timestamp\":null,\"key\":null,\"value\":\"CANARY text\"}\n");
        PipelineConfig config = PipelineFile.parse(
                """
                name: private
                source: {file: %s}
                tables:
                  public.t:
                    types: {n: "decimal(5,2)"}
                    columns: {email: hash, card: mask, note: drop}
                    rules: {n: {min: 0}}
                privacy: {secret: "a secret of the test"}
                sinks: {lake: {path: %s}}
                """.formatted(folder.resolve("events.jsonl"), folder.resolve("lake")), Map.of(), Map.of());
        Configuration flink = new Configuration();
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
        Pipeline.build(env, config, true);
        SharedFlink.run(env);

        assertThat(lake("t"))
                .singleElement()
                .asString()
                .contains("card=******************2222 ")
                .doesNotContain("note=")
                .containsPattern("email=[0-9a-f]{64} ")
                .doesNotContain(CANARY);
        assertThat(lake(""))
                .hasSize(3)
                .allSatisfy(letter -> assertThat(letter)
                        .containsPattern("hmac=[0-9a-f]{64} ")
                        .contains("key=null ", "value=null ", "headers=null ")
                        .doesNotContain(CANARY))
                .anySatisfy(letter -> assertThat(letter).contains("rule=n.min "));
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!file.endsWith("events.jsonl")) {
                    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                            .as(file.toString())
                            .doesNotContain(CANARY);
                }
            }
        }
    }
}
