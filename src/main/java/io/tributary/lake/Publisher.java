package io.tributary.lake;

import io.tributary.lake.DeltaTables.LiveFile;
import io.tributary.lake.DeltaTables.Replaced;
import io.tributary.lake.TableCommit.Range;
import io.tributary.lake.TableCommit.SourcePartition;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a checkpoint's parts into one table: makes their files visible, brings those and the table's own to the widest
 * type of each column, and commits all of it at once.
 */
final class Publisher {
    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    private final String lake;
    private final CommitSteps steps;
    private final DeltaTables tables;

    Publisher(String lake, CommitSteps steps) {
        this.lake = lake;
        this.steps = steps;
        this.tables = new DeltaTables(lake);
    }

    /** How many files and commits a table ever had. */
    record Published(long files, long commits) {}

    /** Publishes the parts, unless that is done; may be tried again after any failure. */
    Published publish(String table, List<TableCommit> parts) throws IOException, DeltaTables.Conflict {
        Map<SourcePartition, Range> offsets = TableCommit.offsets(parts);
        DeltaTables.State state = tables.read(table);
        if (isPublished(table, offsets, state.fences())) {
            return new Published(state.files(), state.version() + 1);
        }
        List<LakeColumn> columns = TableCommit.columns(state.columns(), parts);
        steps.reached(table, CommitSteps.Step.BEGUN);
        List<DataFile> files = new ArrayList<>();
        List<DataFile> narrow = new ArrayList<>();
        for (TableCommit part : parts) {
            Retype retype = Retype.between(part.columns(), columns);
            for (DataFile file : part.files()) {
                makeVisible(table, file);
                files.add(retype.isNone() ? file : copy(table, file, retype));
            }
            narrow.addAll(retype.isNone() ? List.of() : part.files());
        }
        List<Replaced> replaced = retype(table, state.version(), Retype.between(state.columns(), columns));
        steps.reached(table, CommitSteps.Step.FILES_VISIBLE);
        long ever = state.files() + files.size();
        tables.commit(new TableCommit(table, columns, files, offsets), replaced, state.version(), ever);
        steps.reached(table, CommitSteps.Step.LOGGED);
        for (DataFile file : narrow) {
            delete(path(table, file.path())); // never in the log, so of no version
        }
        return new Published(ever, state.version() + 2);
    }

    private static boolean isPublished(
            String table, Map<SourcePartition, Range> offsets, Map<SourcePartition, Long> fences) throws IOException {
        int published = 0;
        for (Map.Entry<SourcePartition, Range> entry : offsets.entrySet()) {
            long fence = fences.getOrDefault(entry.getKey(), 0L);
            Range range = entry.getValue();
            if (range.last() < fence) {
                published++;
            } else if (range.first() < fence) {
                throw new LakeConflictException(table, entry.getKey(), range, fence);
            }
        }
        if (published > 0 && published < offsets.size()) {
            throw new LakeConflictException(table, offsets, fences);
        }
        return published > 0;
    }

    private void makeVisible(String table, DataFile file) throws IOException {
        RecoverableWriter writer = path(table, "").getFileSystem().createRecoverableWriter();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                writer.getCommitRecoverableSerializer();
        writer.recoverForCommit(serializer.deserialize(file.pendingVersion(), file.pending()))
                .commitAfterRecovery();
    }

    private DataFile copy(String table, DataFile file, Retype retype) throws IOException {
        String copy = retype.pathOf(file.path());
        try (ParquetRewrite rewrite = new ParquetRewrite(path(table, file.path()), retype.widened())) {
            return file.copy(copy, rewrite.to(path(table, copy)));
        }
    }

    /** Copies the table's files that have one of the columns. */
    private List<Replaced> retype(String table, long version, Retype retype) throws IOException, DeltaTables.Conflict {
        List<Replaced> replaced = new ArrayList<>();
        if (!retype.isNone()) {
            List<LiveFile> files = new ArrayList<>();
            for (LiveFile file : tables.files(table, version)) {
                try (ParquetRewrite rewrite = new ParquetRewrite(path(table, file.path()), retype.widened())) {
                    if (rewrite.isNeeded()) {
                        files.add(file);
                    }
                }
            }
            LOG.info(
                    "{}: rewriting {} files to bring {}, for rows have come that do not fit",
                    table,
                    files.size(),
                    retype);
            for (LiveFile file : files) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedIOException("closed while rewriting " + table);
                }
                replaced.add(copy(table, file, retype));
            }
        }
        return replaced;
    }

    private Replaced copy(String table, LiveFile file, Retype retype) throws IOException {
        String copy = retype.pathOf(file.path());
        try (ParquetRewrite rewrite = new ParquetRewrite(path(table, file.path()), retype.widened())) {
            return new Replaced(file, copy, rewrite.to(path(table, copy)), rewrite.rows());
        }
    }

    private static void delete(Path file) {
        try {
            FileSystem files = file.getFileSystem();
            files.delete(file, false);
        } catch (IOException e) {
            LOG.warn("cannot delete {}, which no commit names", file, e);
        }
    }

    private Path path(String table, String file) {
        return new Path(lake + "/" + table + (file.isEmpty() ? "" : "/" + file));
    }
}
