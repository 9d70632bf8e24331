package io.tributary.lake;

import io.tributary.lake.TableCommit.Range;
import io.tributary.lake.TableCommit.SourcePartition;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.core.fs.Path;
import org.apache.flink.core.fs.RecoverableWriter;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes checkpoints: for each table, the files are made visible and one Delta commit adds them and moves the fences. The
 * fences decide: what they cover is published already, by this job or another, and is left alone. A lake that cannot be
 * written is waited for.
 */
final class LakeCommitter implements Committer<LakeCommittable> {
    private static final Logger LOG = LoggerFactory.getLogger(LakeCommitter.class);
    private static final int PARALLEL_TABLES = 4;
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    private final String lake;
    private final CommitSteps steps;
    private final DeltaTables tables;
    private final Counter committedFiles;
    private final ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_TABLES, task -> {
        Thread thread = new Thread(task, "lake-commit");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closed;

    LakeCommitter(String lake, CommitSteps steps, MetricGroup metrics) {
        this.lake = lake;
        this.steps = steps;
        this.tables = new DeltaTables(lake);
        this.committedFiles = metrics.counter("lakeFiles");
    }

    @Override
    public void commit(Collection<CommitRequest<LakeCommittable>> requests) throws IOException, InterruptedException {
        List<CommitRequest<LakeCommittable>> inOrder = new ArrayList<>(requests);
        inOrder.sort(
                Comparator.comparingLong(request -> request.getCommittable().checkpointId()));
        for (CommitRequest<LakeCommittable> request : inOrder) {
            commit(request.getCommittable());
        }
    }

    private void commit(LakeCommittable committable) throws IOException, InterruptedException {
        Map<String, TableCommit> byTable = new LinkedHashMap<>();
        for (TableCommit table : committable.tables()) {
            byTable.merge(table.path(), table, TableCommit::with);
        }
        List<Future<?>> commits = new ArrayList<>();
        for (TableCommit table : byTable.values()) {
            commits.add(threads.submit(() -> {
                untilDone(table);
                return null;
            }));
        }
        for (Future<?> commit : commits) {
            try {
                commit.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof LakeConflictException conflict) {
                    throw new SuppressRestartsException(conflict); // it stays one however often it is tried
                }
                throw new IOException(e.getCause());
            }
        }
    }

    private void untilDone(TableCommit table) throws IOException, InterruptedException {
        long wait = FIRST_WAIT.toMillis();
        while (true) {
            try {
                if (publish(table)) {
                    committedFiles.inc(table.files().size());
                }
                return;
            } catch (DeltaTables.Conflict e) {
                LOG.info("another commit to {} came first: looking again", table.path());
            } catch (LakeConflictException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // the job is being cancelled: Delta Kernel wraps the interrupt, and may have cleared it
                if (closed || Thread.currentThread().isInterrupted()) {
                    throw (InterruptedException) new InterruptedException("the committer is closed").initCause(e);
                }
                LOG.warn("cannot write {}/{}: {}; trying again in {} ms", lake, table.path(), e.toString(), wait, e);
                Thread.sleep(wait);
                wait = Math.min(wait * 2, LONGEST_WAIT.toMillis());
            }
        }
    }

    /** Whether there was something to publish. */
    private boolean publish(TableCommit table) throws IOException, DeltaTables.Conflict {
        DeltaTables.State state = tables.read(table.path());
        if (isPublished(table, state.fences())) {
            return false;
        }
        table.checkColumns(state.columns());
        steps.reached(table.path(), CommitSteps.Step.BEGUN);
        for (DataFile file : table.files()) {
            makeVisible(table, file);
        }
        steps.reached(table.path(), CommitSteps.Step.FILES_VISIBLE);
        tables.commit(table, state.version());
        steps.reached(table.path(), CommitSteps.Step.LOGGED);
        return true;
    }

    private static boolean isPublished(TableCommit table, Map<SourcePartition, Long> fences) throws IOException {
        int published = 0;
        for (Map.Entry<SourcePartition, Range> entry : table.offsets().entrySet()) {
            long fence = fences.getOrDefault(entry.getKey(), 0L);
            Range range = entry.getValue();
            if (range.last() < fence) {
                published++;
            } else if (range.first() < fence) {
                throw new LakeConflictException(table.path(), entry.getKey(), range, fence);
            }
        }
        if (published > 0 && published < table.offsets().size()) {
            throw new LakeConflictException(table.path(), table.offsets(), fences);
        }
        return published > 0;
    }

    private void makeVisible(TableCommit table, DataFile file) throws IOException {
        RecoverableWriter writer =
                FileSystem.get(new Path(lake + "/" + table.path()).toUri()).createRecoverableWriter();
        SimpleVersionedSerializer<RecoverableWriter.CommitRecoverable> serializer =
                writer.getCommitRecoverableSerializer();
        writer.recoverForCommit(serializer.deserialize(file.pendingVersion(), file.pending()))
                .commitAfterRecovery();
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }
}
