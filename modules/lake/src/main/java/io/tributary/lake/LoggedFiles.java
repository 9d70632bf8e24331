package io.tributary.lake;

import io.tributary.lake.TableLog.Added;
import io.tributary.lake.TableLog.LiveFile;
import io.tributary.lake.TableLog.Replaced;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tables that readers see by their log: files are complete before an entry names them. A column that becomes wider is so in
 * all files of the version, by copies of those that have it.
 */
final class LoggedFiles implements Publication {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedFiles.class);

    private final String lake;
    private final TableLog log;
    private final PendingFiles pending;
    private final SinkSteps steps;

    LoggedFiles(String lake, TableLog log, PendingFiles pending, SinkSteps steps) {
        this.lake = lake;
        this.log = log;
        this.pending = pending;
        this.steps = steps;
    }

    @Override
    public TableLog.State open(String table) throws IOException {
        return log.read(table);
    }

    @Override
    public List<LiveFile> files(String table, TableLog.State state) throws IOException {
        return log.files(table, state);
    }

    @Override
    public TableLog.State commit(Parts parts) throws IOException, TableLog.Conflict {
        String table = parts.table();
        List<Added> added = new ArrayList<>();
        List<DataFile> narrow = new ArrayList<>();
        for (TableCommit part : parts.list()) {
            Retype retype = Retype.between(part.columns(), parts.columns());
            for (DataFile file : part.files()) {
                pending.makeVisible(table, file, false);
                added.add(new Added(retype.isNone() ? file : copy(table, file, retype), part.part(), false));
            }
            narrow.addAll(retype.isNone() ? List.of() : part.files());
        }
        Retype wider = Retype.between(parts.existing(), parts.columns());
        List<Replaced> replaced = retype(table, parts.state(), wider, parts.removed());
        steps.reached(table, LakeStep.FILES_VISIBLE);
        TableLog.State after = log.commit(table, parts.state(), parts.actions(added, replaced));
        steps.reached(table, LakeStep.LOGGED);
        for (DataFile file : narrow) {
            delete(path(table, file.path())); // never in the log, so of no version
        }
        return after;
    }

    private DataFile copy(String table, DataFile file, Retype retype) throws IOException {
        String copy = retype.pathOf(file.path());
        try (ParquetRewrite rewrite = new ParquetRewrite(path(table, file.path()), retype.widened())) {
            return file.copy(copy, rewrite.to(path(table, copy)));
        }
    }

    /** Copies the table's files that have one of the columns. */
    private List<Replaced> retype(String table, TableLog.State state, Retype retype, List<LiveFile> removed)
            throws IOException {
        List<Replaced> replaced = new ArrayList<>();
        if (!retype.isNone()) {
            List<LiveFile> files = new ArrayList<>();
            Set<String> gone = new HashSet<>();
            removed.forEach(file -> gone.add(file.path()));
            for (LiveFile file : log.files(table, state)) {
                if (gone.contains(file.path())) {
                    continue;
                }
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
            String stats =
                    file.stats() == null ? FileStats.ofRows(rewrite.rows()) : FileStats.withoutBounds(file.stats());
            return new Replaced(file, copy, rewrite.to(path(table, copy)), stats);
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
