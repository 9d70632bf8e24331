package io.tributary.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.Server;
import io.tributary.change.ColumnType;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.expression.Expression;
import io.tributary.expression.ExpressionException;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import io.tributary.sink.Examination;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkView;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Of a table with a {@code where} the sinks have some of the rows: those are compared. */
@Server
class SourceConditionTest {
    private static final TableName TABLE = new TableName("public", "t");

    @TempDir
    private static Path folder;

    private static PostgresServer server;
    private static Connection connection;
    private static SourceTable table;

    @BeforeAll
    static void start() throws Exception {
        server = PostgresServer.start(SharedPrograms.in(folder), Ports.free(30_292));
        server.createDatabase("source");
        connection = server.connect("source");
        try (Statement statement = connection.createStatement()) {
            statement.execute("""
                    create table t (id int primary key, amount numeric(10,2), total numeric, name text, at timestamptz, noon timestamp,
                        day date, hour time, flag boolean, small smallint, large bigint, r real, d double precision, b bytea, doc jsonb, bt bit(1),
                        ip inet)""");
            statement.execute("""
                    insert into t values
                    (0, 0.10, 1e3, 'a', '2026-01-01 00:00:00+00', '2026-01-01 12:00', '2026-01-01', '10:00', true, 1, 1, 0.1, 0.1, '\\x00', '{"k": 1}', B'1', '10.0.0.1'),
                    (1, 12.50, 7, 'b', '2026-06-01 00:00:00.5+02', '2026-06-01 12:00', '2026-06-01', '23:59:59.9', false, -5, 9007199254740993,
                        1.5, 1e300, '\\xff', '[]', B'0', '10.0.0.2'),
                    (2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null),
                    (3, 99.99, 0, 'Ünï', '2027-01-01', '2026-01-01', '2027-01-01', '00:00', true, 5, -1, 'NaN', -2, '', 'null', B'1', '::1')""");
        }
        table = SourceTable.of(connection, TABLE);
    }

    @AfterAll
    static void stop() throws Exception {
        connection.close();
        server.close();
    }

    private static SourceCondition condition(String where, String... hidden) throws ExpressionException {
        return SourceCondition.of(
                Expression.parse(where),
                table,
                Map.of("total", ColumnType.decimal(38, 2), "bt", ColumnType.BOOLEAN, "at", ColumnType.TEXT),
                Set.of(hidden));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            true                                             | 0 1 2 3 |
            id != 1                                          | 0 2 3   |
            amount > 10                                      | 1 3     |
            amount == decimal('12.5')                        | 1       |
            total >= 7                                       | 0 1     |
            name == 'Ünï'                                    | 3       |
            name == null                                     | 2       |
            at < timestamp('2026-05-31T22:00:01Z')           | 0 1     |
            noon.getHours() == 12                            | 0 1     |
            day == timestamp('2026-06-01T00:00:00Z')         | 1       |
            hour > duration('23h')                           | 1       |
            flag                                             | 0 3     |
            bt                                               | 0 3     |
            !bt                                              | 1       |
            small + 5 > 0                                    | 0 3     |
            large == 9007199254740993                        | 1       |
            r < 1.0                                          | 0       |
            d > 1e299                                        | 1       |
            b == b'\\xff'                                    | 1       |
            10 / id > 4                                      | 1 2     | 0
            """)
    void theRowsThatTheSinksHaveAreRead(String where, @Nullable String rows, @Nullable String undecided)
            throws Exception {
        RowDigests read = table.read(connection, condition(where));

        assertThat(IntStream.range(0, 4)
                        .filter(id -> read.get("id=" + id) != null)
                        .mapToObj(String::valueOf))
                .containsExactly(rows == null ? new String[0] : rows.split(" "));
        assertThat(read.undecided().keySet().stream().map(key -> key.substring(3)))
                .containsExactly(undecided == null ? new String[0] : undecided.split(" "));
    }

    @Test
    void whatTheSourceDoesNotTellIsNotAsked() {
        assertThatThrownBy(() -> condition("doc != ''", "doc"))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("it asks for the hidden column 'doc'");
        assertThatThrownBy(() -> condition("nowhere == 1"))
                .isInstanceOf(ExpressionException.class)
                .hasMessageContaining("nowhere");
    }

    /** The job has another text for it: what would be expected of the sinks is not what they must have. */
    @ParameterizedTest
    @ValueSource(strings = {"ip == '10.0.0.1'", "row['name'] == 'a'"})
    void whatTheConnectorSpellsInItsOwnWayIsNotAsked(String where) {
        assertThatThrownBy(() -> condition(where))
                .isInstanceOf(ExpressionException.class)
                .hasMessage("it asks for 'ip', a inet, which the connector spells in its own way");
    }

    @Test
    void aValueThatTheJobHoldsInAnotherTypeIsNotJudged() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.execute("insert into t (id, at) values (9, 'infinity')");
            assertThatThrownBy(() -> table.read(connection, condition("at < timestamp('2026-05-31T22:00:01Z')")))
                    .isInstanceOf(SourceCondition.UnreadableException.class)
                    .hasMessage("a value of 'at' is none of the type timestamptz");
            statement.execute("delete from t where id = 9");
        }
    }

    /** A sink that nothing of ours knows is compared like any other. */
    @Test
    void aTableWithAConditionAgreesWhereTheSinkHasItsRows() throws Exception {
        Path file = folder.resolve("pipeline.yaml");
        Files.writeString(file, "name: shop\nsource: {bootstrap: 'localhost:1', topics: 'x'}\nsinks: {console: {}}\n");
        PipelineConfig config = PipelineFile.read(file, Map.of(), Map.of());
        View sink = new View(List.of(row(1, "12.50"), row(3, "99.99")));
        try (Audit audit = new Audit(connection, List.of(sink), config, Duration.ZERO, line -> {})) {
            Comparison comparison = Objects.requireNonNull(
                    audit.of(TABLE, Set.of(), Set.of("computed"), Expression.parse("amount > 10.0 && 10 / id > 0")));

            assertThat(comparison.sinks()).containsOnlyKeys("list");
            Comparison.OfSink found = comparison.sinks().values().iterator().next();
            assertThat(found.differing()).isEmpty();
            assertThat(found.rows()).isEqualTo(2);
            assertThat(found.sourceChecksum()).isEqualTo(found.checksum());
        }
    }

    private static Map<String, @Nullable Object> row(int id, String amount) {
        Map<String, @Nullable Object> row = new HashMap<>();
        row.put("id", id);
        row.put("amount", amount);
        return row;
    }

    private record View(List<Map<String, @Nullable Object>> list) implements SinkView, SinkRows {
        @Override
        public String word() {
            return "list";
        }

        @Override
        public boolean leavesOut(TableName table) {
            return true;
        }

        @Override
        public SinkRows rows() {
            return this;
        }

        @Override
        public Map<String, Map<SourcePartition, Long>> shown() {
            return Map.of();
        }

        @Override
        public String offsets() {
            return "";
        }

        @Override
        public void examine(Examination to) {
            to.ok("it is a list");
        }

        @Override
        public boolean has(TableName name) {
            return name.equals(TABLE);
        }

        @Override
        public Map<String, ColumnType> columns(TableName name, Collection<String> names) {
            return Map.of("id", ColumnType.INT32, "amount", ColumnType.decimal(10, 2));
        }

        @Override
        public void forEach(TableName name, List<String> columns, Each each) {
            new ArrayList<>(list).forEach(row -> each.row(row, null));
        }
    }
}
