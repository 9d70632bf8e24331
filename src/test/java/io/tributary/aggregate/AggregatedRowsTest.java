package io.tributary.aggregate;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Operation;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.config.PipelineFile;
import io.tributary.flow.SinkRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Pure
class AggregatedRowsTest {
    private static final TableSchema SCHEMA = new TableSchema(
            "cdc.s.t", new TableName("s", "t"), List.of(new Column("id", ColumnType.INT32)), List.of(0));
    private static final long MINUTE = 60_000;
    private static final long NOW = 1_700_000_040_000L; // a whole minute

    /** Minutes from now: what the source says, when the record was written (or nothing), and the window that it counts in. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0",
        "-500, -499, -500, 0",
        "1, 0, 1, 0",
        "2, 0, 0, 1",
        "500000000, 0, 0, 1",
        "500000000, -30, -30, 1",
        "500000000, 500000000, 0, 1",
        "500000000, , 0, 1",
        "-30, , -30, 0",
        "-30, -31, -30, 0",
        "-30, -90, -90, 1",
    })
    void aClockThatIsFarAheadMakesNoWindowOfItsOwn(long source, Long written, long window, long ahead) {
        AggregateSettings settings =
                PipelineFile.parse("""
                        name: n
                        source: {file: f}
                        aggregates: {a: {table: s.t, window: 1m, keep: 1h, count: true}}
                        sinks: {lake: {path: /l}}
                        """, Map.of(), Map.of()).aggregateSettings().get(0);
        AggregatedRows rows = new AggregatedRows(settings, 0, () -> NOW);
        Change change = new Change();
        change.operation = Operation.CREATE;
        change.schema = SCHEMA;
        change.sourceMillis = NOW + source * MINUTE;
        change.recordMillis = written == null ? 0 : NOW + written * MINUTE;
        change.after.set(SinkRows.of(SCHEMA, 1));
        rows.add(change);

        List<RowDelta> told = new ArrayList<>();
        rows.drain(told::add);
        assertThat(told.toString()).contains("z" + (NOW + window * MINUTE) * 1000);
        assertThat(rows.ahead()).isEqualTo(ahead);
    }
}
