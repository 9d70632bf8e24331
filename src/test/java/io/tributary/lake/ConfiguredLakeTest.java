package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

@Pure
class ConfiguredLakeTest {
    @Test
    void formatsAndSchemaChangesAreThoseOfTheLakeUnlessATableSaysOtherwise() {
        PipelineConfig config = PipelineFile.parse("""
                name: test
                source: {file: x}
                tables:
                  s.own: {format: json, schema-changes: fail}
                aggregates:
                  a: {table: s.own, count: true, format: csv}
                  b: {table: s.own, count: true}
                sinks:
                  lake: {path: /l, format: parquet, schema-changes: ignore}
                """, Map.of(), Map.of());
        ConfiguredLake lake = Objects.requireNonNull(config.sink(ConfiguredLake.class));

        TableName own = new TableName("s", "own");
        TableName other = new TableName("s", "other");
        assertThat(lake.historyOptions().formats().of(own)).isEqualTo(TableFormat.JSON);
        assertThat(lake.historyOptions().formats().of(other)).isEqualTo(TableFormat.PARQUET);
        assertThat(lake.historyOptions().changes().of(own)).isEqualTo(SchemaChanges.FAIL);
        assertThat(lake.currentOptions().changes().of(other)).isEqualTo(SchemaChanges.IGNORE);
        assertThat(lake.currentOptions().formats().of(own)).isEqualTo(TableFormat.DELTA);
        assertThat(lake.aggregateOptions().formats().of(new TableName("", "a"))).isEqualTo(TableFormat.CSV);
        assertThat(lake.aggregateOptions().formats().of(new TableName("", "b"))).isEqualTo(TableFormat.PARQUET);
    }
}
