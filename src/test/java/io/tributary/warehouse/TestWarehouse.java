package io.tributary.warehouse;

import io.tributary.change.ByTable;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.Event;
import io.tributary.change.Operation;
import io.tributary.change.PartRow;
import io.tributary.change.Replacement;
import io.tributary.change.SchemaChanges;
import io.tributary.change.Slice;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import io.tributary.changelog.Bucket;
import io.tributary.changelog.Changelog;
import io.tributary.changelog.MemoryRows;
import io.tributary.flow.Marks;
import io.tributary.flow.SinkRows;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions.JdbcConnectionOptionsBuilder;
import org.apache.flink.connector.jdbc.JdbcExecutionOptions;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.jspecify.annotations.Nullable;

/**
 * The real writers and the real committer of a warehouse, with the test in the place of Flink and of the changelog: what it
 * says is true. Writer i reads partition i.
 */
final class TestWarehouse implements AutoCloseable {
    static final TableName TABLE = new TableName("s", "t");
    static final String TOPIC = "cdc.s.t";
    private static final long LOOK_MILLIS = 20;

    private final String url;
    private final String user;
    private final String password;
    final WarehouseSettings settings;
    final Dialect dialect;
    private final Mirrors.Pace pace;
    private final Bucket bucket = new Bucket();
    private final MemoryRows rows = new MemoryRows();
    private @Nullable Changelog changelog;
    private final List<WarehouseWriter> writers = new ArrayList<>();
    private WarehouseCommitter committer;
    private WarehouseCommittable.@Nullable Passed passed;
    private List<WarehouseCommittable> aborted = new ArrayList<>();
    private Marks marks = Marks.none(true);
    private long checkpoint;
    private long offset;

    /** What a test may set. */
    static final class Options {
        Deletes deletes = Deletes.HARD;
        SchemaChanges changes = SchemaChanges.EVOLVE;
        Names names = Names.KEPT;
        int rows = 100;
        Duration interval = Duration.ZERO;
        boolean history = true;
        boolean alter;
        final HashSet<String> without = new HashSet<>();
        long largeRows = Mirrors.Pace.DEFAULT.largeRows();
        /** How long an apply takes after which the mirror rests. */
        long slowMillis = Mirrors.Pace.DEFAULT.slowMillis();

        /** How often it is looked whether mirrors still are where they were brought. */
        long proveMillis = Mirrors.Pace.DEFAULT.proveMillis();

        LongSupplier clock = System::currentTimeMillis;

        /** Time goes by only when the test says so. */
        AtomicLong stopped() {
            AtomicLong now = new AtomicLong(System.currentTimeMillis());
            clock = now::get;
            return now;
        }
    }

    TestWarehouse(String url, String user, String password, int writers, Options options) {
        this.url = url;
        this.user = user;
        this.password = password;
        this.dialect = Dialect.of(url);
        this.pace = new Mirrors.Pace(
                options.largeRows,
                options.slowMillis,
                LOOK_MILLIS,
                10 * LOOK_MILLIS,
                options.proveMillis,
                options.clock);
        JdbcConnectionOptionsBuilder connection = new JdbcConnectionOptionsBuilder()
                .withUrl(url)
                .withDriverName(dialect.driver())
                .withUsername(user)
                .withPassword(password);
        dialect.properties().forEach(connection::withProperty);
        this.settings = new WarehouseSettings(
                connection.build(),
                JdbcExecutionOptions.builder()
                        .withBatchSize(options.rows)
                        .withBatchIntervalMs(options.interval.toMillis())
                        .build(),
                dialect.own("tributary"),
                options.names,
                ByTable.all(options.deletes),
                ByTable.all(options.changes),
                new HashMap<>(),
                new HashMap<>(),
                options.history,
                options.without,
                options.alter);
        for (int i = 0; i < writers; i++) {
            this.writers.add(writer());
        }
        this.committer = committer(SinkSteps.NONE);
    }

    private WarehouseWriter writer() {
        return new WarehouseWriter(settings, dialect, "replays", SinkSteps.NONE, new UnregisteredMetricsGroup());
    }

    private WarehouseCommitter committer(SinkSteps steps) {
        return new WarehouseCommitter(
                new Mirrors(settings, dialect, "replays", steps, pace, new UnregisteredMetricsGroup()));
    }

    /** @param columns name and type in turns; the first so many are the key */
    static TableSchema schema(int keys, Object... columns) {
        List<Column> list = new ArrayList<>();
        List<Integer> key = new ArrayList<>();
        for (int i = 0; i < columns.length; i += 2) {
            list.add(new Column((String) columns[i], (ColumnType) columns[i + 1]));
            if (i / 2 < keys) {
                key.add(i / 2);
            }
        }
        return new TableSchema(TOPIC, TABLE, list, key);
    }

    void create(TableSchema schema, @Nullable Object... values) throws Exception {
        write(0, Operation.CREATE, schema, offset++, values);
    }

    void update(TableSchema schema, @Nullable Object... values) throws Exception {
        write(0, Operation.UPDATE, schema, offset++, values);
    }

    void delete(TableSchema schema, @Nullable Object... values) throws Exception {
        write(0, Operation.DELETE, schema, offset++, values);
    }

    void truncate(TableSchema schema) throws Exception {
        write(0, Operation.TRUNCATE, schema, offset++);
    }

    /** A change whose order in the source is its offset. */
    void write(int writer, Operation operation, TableSchema schema, long at, @Nullable Object... values)
            throws Exception {
        writeIn(writer, operation, schema, at, at, false, values);
    }

    void writeIn(
            int writer,
            Operation operation,
            TableSchema schema,
            long at,
            long sequence,
            boolean unseen,
            @Nullable Object... values)
            throws Exception {
        Event event = new Event();
        event.operation = operation;
        event.schema = schema;
        event.schemaId = schema.id();
        event.partition = writer;
        event.offset = at;
        event.sequenceCommit = sequence - 1;
        event.sequenceEvent = sequence;
        event.sourceMillis = 1_700_000_000_000L + at;
        event.recordMillis = event.sourceMillis;
        if (values.length > 0) {
            Slice row = operation == Operation.DELETE ? event.before : event.after;
            row.set(SinkRows.of(schema, values));
            if (schema.hasKey()) {
                event.key.set(SinkRows.of(
                        schema,
                        Arrays.stream(values, 0, schema.key().size())
                                .map(value -> value instanceof Integer number ? number.longValue() : value)
                                .toArray()));
            }
        }
        if (changelog == null) {
            Change change = new Change().of(event);
            change.beforeSchema = operation == Operation.DELETE && values.length > 0 ? schema : null;
            change.unseen = unseen;
            writers.get(writer).write(change, SinkRows.CONTEXT);
            return;
        }
        Changelog.Out out = emitted -> {
            try {
                writers.get(0).write(emitted, SinkRows.CONTEXT);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        };
        changelog.define(event, bucket, rows, out);
        changelog.apply(event, bucket, rows, out);
    }

    /** From now on changes come to the first writer as the changelog makes them of what partitions have. */
    void throughChangelog() {
        changelog = new Changelog(Map.of());
    }

    /**
     * All rows that the job has of one of the table's buckets, ahead of the barrier.
     *
     * @param of how many buckets there are
     */
    void show(int writer, int of, TableSchema schema, List<@Nullable Object[]> rows) throws Exception {
        PartRow row = new PartRow();
        writers.get(writer).write(row.head(0, new Replacement(List.of(schema), of, Map.of())), SinkRows.CONTEXT);
        for (@Nullable Object[] values : rows) {
            byte[] bytes = SinkRows.of(schema, values);
            writers.get(writer).write(row.row(schema, bytes, 0, bytes.length), SinkRows.CONTEXT);
        }
    }

    /** Another writer lets changes pass. */
    void passed(WarehouseCommittable.Passed changes) {
        passed = changes;
    }

    /** The writers cut a checkpoint that is aborted: what they cut goes with the next. */
    void abort() throws IOException, InterruptedException {
        for (WarehouseWriter writer : writers) {
            aborted.addAll(writer.prepareCommit());
        }
    }

    /** Cuts a checkpoint, as it comes out of a savepoint. */
    WarehouseCommittable cut() throws IOException, InterruptedException {
        List<WarehouseCommittable> stale = aborted;
        aborted = new ArrayList<>();
        List<WarehouseCommittable> parts = new ArrayList<>();
        for (WarehouseWriter writer : writers) {
            parts.addAll(writer.prepareCommit());
        }
        WarehouseCommittable.Serializer serializer = new WarehouseCommittable.Serializer();
        if (passed != null) {
            parts.add(new WarehouseCommittable(-1, List.of(), List.of(passed)));
            passed = null;
        }
        WarehouseCommittable gathered = WarehouseCommittable.gathered(++checkpoint, stale, parts, marks);
        return gathered == null
                ? new WarehouseCommittable(checkpoint, List.of(), List.of())
                : serializer.deserialize(serializer.getVersion(), serializer.serialize(gathered));
    }

    void commit(WarehouseCommittable committable) throws IOException, InterruptedException {
        committer.commit(committable);
    }

    void checkpoint() throws IOException, InterruptedException {
        commit(cut());
    }

    /** The job goes on from a checkpoint that was complete just now: what its sinks must have comes from there. */
    void restore() throws IOException {
        byte[] stored = marks.toBytes("job");
        restartWriters(offset);
        restartCommitter(SinkSteps.NONE);
        marks = Marks.fromBytes(stored, "another");
    }

    /** New writers in the place of the old, which lose what no checkpoint has; the test goes on at an offset. */
    void restartWriters(long from) {
        marks = Marks.none(true);
        for (int i = 0; i < writers.size(); i++) {
            writers.get(i).close();
            writers.set(i, writer());
        }
        offset = from;
    }

    /** A new committer in the place of the old. */
    void restartCommitter(SinkSteps steps) {
        committer.close();
        committer = committer(steps);
    }

    /** The staging table of {@link #TABLE}. */
    String stage() {
        return dialect.quoted(new Ledger(dialect, settings.ledger()).staging(TABLE));
    }

    long offset() {
        return offset;
    }

    Connection connect() throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            for (String each : statements) {
                statement.execute(each);
            }
        }
    }

    /** The rows that a query finds, values joined by a bar. */
    List<String> query(String sql) throws SQLException {
        try (Connection connection = connect()) {
            return query(connection, sql);
        }
    }

    static List<String> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            int columns = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= columns; i++) {
                    Object value = rows.getObject(i);
                    row.add(value instanceof Boolean truth ? (truth ? "t" : "f") : String.valueOf(rows.getString(i)));
                }
                all.add(String.join("|", row));
            }
            return all;
        }
    }

    @Override
    public void close() {
        writers.forEach(WarehouseWriter::close);
        committer.close();
    }
}
