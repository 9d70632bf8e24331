package io.tributary.lake;

import io.tributary.change.Change;
import io.tributary.change.SchemaChanges;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableFormat;
import io.tributary.change.TableOptions;
import io.tributary.change.TableSchema;
import io.tributary.flow.FencedOffsets;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

/** Writes changes to the files of their tables; what a table's fence covers is there already and is left out. */
final class LakeWriter implements CommittingSinkWriter<Change, LakeCommittable> {
    private static final int ROWS_BETWEEN_LOOKS = 10_000;

    private final String lake;
    private final long mostBuffered;
    private final SourcePartition replays;
    private final TableLog tables;
    private final RecoverableWriter files;
    private final TableOptions options;
    private final SinkSteps steps;
    private final Map<String, TableWriter> writers = new HashMap<>();
    private final Map<Long, TableWriter> bySchema = new HashMap<>();
    private final Counter suppressed;
    private long rows;
    private long lastSchema;
    private TableWriter last;

    @SuppressWarnings("NullAway.Init") // last is only read where lastSchema says it is there
    LakeWriter(
            String lake, String replays, long mostBuffered, TableOptions options, SinkSteps steps, MetricGroup metrics)
            throws IOException {
        this.lake = lake;
        this.mostBuffered = mostBuffered;
        this.replays = new SourcePartition(replays, 0);
        this.tables = new DeltaLog(lake);
        this.options = options;
        this.steps = steps;
        this.files = FileSystem.get(new Path(lake).toUri()).createRecoverableWriter();
        this.suppressed = metrics.counter("suppressed");
    }

    @Override
    public void write(Change change, Context context) throws IOException {
        TableSchema schema = change.imageSchema();
        if (schema.id() != lastSchema) {
            last = writer(schema);
            lastSchema = schema.id();
        }
        if (!last.write(change, schema)) {
            suppressed.inc();
        }
        if (++rows % ROWS_BETWEEN_LOOKS == 0) {
            bound(mostBuffered);
        }
    }

    /** Finishes files, of the tables with most of it, until no more is held in memory. */
    void bound(long most) throws IOException {
        Map<TableWriter, Long> buffered = new HashMap<>();
        long all = 0;
        for (TableWriter writer : writers.values()) {
            long own = writer.buffered();
            buffered.put(writer, own);
            all += own;
        }
        while (all > most) {
            Map.Entry<TableWriter, Long> largest = Collections.max(buffered.entrySet(), Map.Entry.comparingByValue());
            largest.getKey().finish();
            all -= largest.setValue(0L);
        }
    }

    private TableWriter writer(TableSchema schema) throws IOException {
        TableWriter writer = bySchema.get(schema.id());
        if (writer == null) {
            String path = LakePath.of(schema.table());
            writer = writers.get(path);
            if (writer == null) {
                TableFormat format = options.formats().of(schema.table());
                SchemaChanges changes = options.changes().of(schema.table());
                TableLog.State state = tables.read(LakePath.log(format, path));
                WrittenTable table = new WrittenTable(tables, path, state, format, changes);
                writer = new TableWriter(lake, table, files, new FencedOffsets(state.fences(), replays));
                writers.put(path, writer);
            }
            bySchema.put(schema.id(), writer);
        }
        return writer;
    }

    @Override
    public void flush(boolean endOfInput) {
        // rows become visible at a checkpoint, not before
    }

    @Override
    public Collection<LakeCommittable> prepareCommit() throws IOException {
        List<TableCommit> commits = new ArrayList<>();
        for (Map.Entry<String, TableWriter> writer : writers.entrySet()) {
            boolean isEmpty = writer.getValue().isEmpty();
            commits.addAll(writer.getValue().prepareCommit());
            if (!isEmpty) {
                steps.reached(writer.getKey(), LakeStep.UPLOADED);
            }
        }
        return commits.isEmpty() ? List.of() : List.of(new LakeCommittable(-1, commits));
    }

    @Override
    public void close() {
        for (TableWriter writer : writers.values()) {
            writer.abandon();
        }
    }
}
