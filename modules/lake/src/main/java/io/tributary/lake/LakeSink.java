package io.tributary.lake;

import io.tributary.change.ByTable;
import io.tributary.change.Change;
import io.tributary.change.PartRow;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.change.TableOptions;
import io.tributary.flow.Marks;
import io.tributary.sink.FencedSink;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The lake's sink: writers cut files at each checkpoint, one operator gathers what they cut, one committer publishes it. Either
 * of the histories, to which changes are added, or of tables whose parts are replaced by the rows they have now.
 */
public final class LakeSink<T> extends FencedSink<T, LakeCommittable> {
    private static final String HISTORY = "lake";
    /** Bytes of rows held in memory by all open files of a writer; a file's own bound is its row group. */
    private static final long MAX_BUFFERED = 128L << 20;
    /** One table, beside a writer of histories in the same slot. */
    private static final long MAX_BUFFERED_LETTERS = 16L << 20;

    private final String lake;
    private final String name;
    private final Writers<T> writers;
    private final SinkSteps steps;

    private interface Writers<T> extends Serializable {
        CommittingSinkWriter<T, LakeCommittable> create(WriterInitContext context) throws IOException;
    }

    private LakeSink(String lake, String name, SinkSteps steps, Writers<T> writers) {
        super(name);
        this.lake = lake;
        this.name = name;
        this.writers = writers;
        this.steps = steps;
    }

    /**
     * The histories.
     *
     * @param lake the lake's path as a URI of a file system that Flink knows, without a slash at its end
     * @param replays the topic of dead letters that are offered again
     * @param options how the tables are kept
     */
    public static LakeSink<Change> history(String lake, String replays, TableOptions options, SinkSteps steps) {
        return history(lake, HISTORY, replays, MAX_BUFFERED, options, steps);
    }

    /** The dead letters, in a table that is kept as we like it. */
    public static LakeSink<Change> letters(String lake, String replays, SinkSteps steps) {
        TableOptions options = new TableOptions(ByTable.all(SchemaChanges.EVOLVE), ByTable.all(TableFormat.DELTA));
        return history(lake, "lake-rejected", replays, MAX_BUFFERED_LETTERS, options, steps);
    }

    private static LakeSink<Change> history(
            String lake, String name, String replays, long mostBuffered, TableOptions options, SinkSteps steps) {
        return new LakeSink<>(
                lake,
                name,
                steps,
                context -> new LakeWriter(lake, replays, mostBuffered, options, steps, context.metricGroup()));
    }

    /**
     * Tables of rows.
     *
     * @param folder of the tables below the lake, with a slash at its end, or empty
     * @param name in savepoints
     */
    public static LakeSink<PartRow> rows(
            String lake, String folder, String name, TableOptions options, SinkSteps steps) {
        return new LakeSink<>(lake, name, steps, context -> new RowsWriter(lake, folder, options));
    }

    @Override
    public CommittingSinkWriter<T, LakeCommittable> createWriter(WriterInitContext context) throws IOException {
        return writers.create(context);
    }

    @Override
    public Committer<LakeCommittable> createCommitter(CommitterInitContext context) {
        return new LakeCommitter(lake, steps, context.metricGroup());
    }

    @Override
    protected @Nullable LakeCommittable gather(
            long checkpoint, List<LakeCommittable> stale, List<LakeCommittable> parts, Marks marks) {
        return name.equals(HISTORY)
                ? LakeCommittable.gatheredWithoutLetters(checkpoint, stale, parts, marks)
                : LakeCommittable.gathered(checkpoint, stale, parts, marks);
    }

    @Override
    protected SimpleVersionedSerializer<LakeCommittable> serializer() {
        return new LakeCommittableSerializer();
    }
}
