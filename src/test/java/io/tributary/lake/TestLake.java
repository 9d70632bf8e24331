package io.tributary.lake;

import io.tributary.change.ByTable;
import io.tributary.change.Change;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.change.TableName;
import io.tributary.change.TableOptions;
import io.tributary.change.TableSchema;
import io.tributary.flow.Marks;
import io.tributary.flow.SinkRows;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.jspecify.annotations.Nullable;

/** The real writers and the real committer of a lake in a folder, with the test in Flink's place. Writer i reads partition i. */
final class TestLake implements AutoCloseable {
    static final TableName TABLE = new TableName("s", "t");
    static final String PATH = LakePath.of(TABLE);
    static final long DAY = 86_400_000;

    final String lake;
    private final TableOptions options;
    private final List<LakeWriter> writers = new ArrayList<>();
    private LakeCommitter committer;
    private Marks marks = Marks.none(true);
    private long checkpoint;

    TestLake(Path folder, int writers) throws IOException {
        this(folder, writers, TableFormat.DELTA);
    }

    TestLake(Path folder, int writers, TableFormat format) throws IOException {
        this.options = new TableOptions(ByTable.all(SchemaChanges.EVOLVE), ByTable.all(format));
        this.lake = "file:" + folder;
        for (int i = 0; i < writers; i++) {
            this.writers.add(writer());
        }
        this.committer = committer(SinkSteps.NONE);
    }

    private LakeWriter writer() throws IOException {
        return new LakeWriter(lake, "replays", Long.MAX_VALUE, options, SinkSteps.NONE, new UnregisteredMetricsGroup());
    }

    private LakeCommitter committer(SinkSteps steps) {
        return new LakeCommitter(lake, steps, new UnregisteredMetricsGroup());
    }

    /** @param columns name and type in turns */
    static TableSchema schema(Object... columns) {
        List<Column> list = new ArrayList<>();
        for (int i = 0; i < columns.length; i += 2) {
            list.add(new Column((String) columns[i], (ColumnType) columns[i + 1]));
        }
        return new TableSchema("cdc.s.t", TABLE, list, List.of());
    }

    /** Writes a row of the first day. */
    void write(int writer, TableSchema schema, long offset, @Nullable Object... values) throws IOException {
        writeAt(writer, schema, DAY, offset, values);
    }

    void writeAt(int writer, TableSchema schema, long millis, long offset, @Nullable Object... values)
            throws IOException {
        Change change = new Change();
        change.schema = schema;
        change.partition = writer;
        change.offset = offset;
        change.sourceMillis = millis;
        change.after.set(SinkRows.of(schema, values));
        writers.get(writer).write(change, SinkRows.CONTEXT);
    }

    /** As if no more bytes may be held in memory. */
    void bound(long most) throws IOException {
        for (LakeWriter writer : writers) {
            writer.bound(most);
        }
    }

    /** Cuts a checkpoint, as it comes out of a savepoint. */
    LakeCommittable cut() throws IOException {
        List<LakeCommittable> parts = new ArrayList<>();
        for (LakeWriter writer : writers) {
            parts.addAll(writer.prepareCommit());
        }
        LakeCommittable gathered = LakeCommittable.gathered(++checkpoint, List.of(), parts, marks);
        LakeCommittableSerializer serializer = new LakeCommittableSerializer();
        return gathered == null
                ? new LakeCommittable(checkpoint, List.of())
                : serializer.deserialize(serializer.getVersion(), serializer.serialize(gathered));
    }

    void commit(LakeCommittable committable) throws IOException, InterruptedException {
        committer.commit(committable);
    }

    void checkpoint() throws IOException, InterruptedException {
        commit(cut());
    }

    /** The job goes on from a checkpoint that was complete just now. */
    void restore() throws IOException {
        byte[] stored = marks.toBytes("job");
        for (int i = 0; i < writers.size(); i++) {
            writers.get(i).close();
            writers.set(i, writer());
        }
        restartCommitter(SinkSteps.NONE);
        marks = Marks.fromBytes(stored, "another");
    }

    /** The schema of a topic whose id is known. */
    static TableSchema ofTopic(String id, TableSchema schema) {
        return new TableSchema(
                schema.topic(),
                schema.table(),
                new TableSchema.Told("", false, false, id),
                schema.columns(),
                schema.key(),
                Map.of());
    }

    /** A new committer in the place of the old. */
    void restartCommitter(SinkSteps steps) {
        committer.close();
        committer = committer(steps);
    }

    /** By offset within partition. */
    List<Map<String, @Nullable Object>> rows() throws IOException {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        new LakeReader(lake).forEach(TABLE, row -> rows.add(new HashMap<>(row)));
        rows.sort(Comparator.comparing(
                        (Map<String, @Nullable Object> row) -> (Integer) Objects.requireNonNull(row.get("_partition")))
                .thenComparing(row -> (Long) Objects.requireNonNull(row.get("_offset"))));
        return rows;
    }

    List<@Nullable Object> values(String column) throws IOException {
        List<@Nullable Object> values = new ArrayList<>();
        rows().forEach(row -> values.add(row.get(column)));
        return values;
    }

    TableLog.State state() throws IOException {
        return new DeltaLog(lake).read(PATH);
    }

    ColumnType type(String column) throws IOException {
        return state().columns().stream()
                .filter(c -> c.name().equals(column))
                .findFirst()
                .orElseThrow()
                .type();
    }

    /** The data files of the newest version, relative to the table. */
    List<String> files() throws IOException {
        TableLog log = new DeltaLog(lake);
        return log.files(PATH, log.read(PATH)).stream()
                .map(TableLog.LiveFile::path)
                .sorted()
                .toList();
    }

    @Override
    public void close() throws IOException {
        for (LakeWriter writer : writers) {
            writer.close();
        }
        committer.close();
    }
}
