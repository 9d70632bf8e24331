package io.tributary.lake;

import io.tributary.flow.MetricName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.metrics.Gauge;
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
    private final Publisher publisher;
    private final MetricGroup metrics;
    private final Map<String, Progress> progress = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newFixedThreadPool(PARALLEL_TABLES, task -> {
        Thread thread = new Thread(task, "lake-commit");
        thread.setDaemon(true);
        return thread;
    });
    private volatile boolean closed;

    LakeCommitter(String lake, CommitSteps steps, MetricGroup metrics) {
        this.lake = lake;
        this.steps = steps;
        this.publisher = new Publisher(lake, steps);
        this.metrics = metrics;
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

    void commit(LakeCommittable committable) throws IOException, InterruptedException {
        Map<String, List<TableCommit>> byTable = committable.tables().stream()
                .collect(Collectors.groupingBy(TableCommit::path, LinkedHashMap::new, Collectors.toList()));
        List<Future<?>> commits = new ArrayList<>();
        byTable.forEach((table, parts) -> commits.add(threads.submit(() -> {
            untilDone(table, parts);
            return null;
        })));
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
        steps.reached("", CommitSteps.Step.PUBLISHED);
    }

    private void untilDone(String table, List<TableCommit> parts) throws IOException, InterruptedException {
        long wait = FIRST_WAIT.toMillis();
        Progress told = progress.computeIfAbsent(table, this::progress);
        while (true) {
            try {
                Publisher.Published first = told.published;
                told.published = publisher.publish(table, parts);
                told.waitingSince = 0;
                if (first.commits() == 0) {
                    show(table, told);
                }
                return;
            } catch (DeltaTables.Conflict e) {
                LOG.info("another commit to {} came first: looking again", table);
            } catch (LakeConflictException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                // the job is being cancelled: Delta Kernel wraps the interrupt, and may have cleared it
                if (closed || Thread.currentThread().isInterrupted()) {
                    throw (InterruptedException) new InterruptedException("the committer is closed").initCause(e);
                }
                told.waitingSince = told.waitingSince == 0 ? System.currentTimeMillis() : told.waitingSince;
                LOG.warn("cannot write {}/{}: {}; trying again in {} ms", lake, table, e.toString(), wait, e);
                Thread.sleep(wait);
                wait = Math.min(wait * 2, LONGEST_WAIT.toMillis());
            }
        }
    }

    /** What metrics tell of a table. */
    private static final class Progress {
        volatile Publisher.Published published = new Publisher.Published(0, 0);
        volatile long waitingSince;

        double waiting() {
            long since = waitingSince;
            return since == 0 ? 0 : (System.currentTimeMillis() - since) / 1000.0;
        }
    }

    private Progress progress(String path) {
        Progress made = new Progress();
        MetricName.SINK_WAITING.register(metrics, (Gauge<Double>) made::waiting, "lake", label(path));
        return made;
    }

    /** Not before the first commit: until then the totals are not known, and zero would be less than before the restart. */
    private void show(String path, Progress progress) {
        MetricName.LAKE_FILES.register(metrics, (Gauge<Long>) () -> progress.published.files(), label(path));
        MetricName.LAKE_COMMITS.register(metrics, (Gauge<Long>) () -> progress.published.commits(), label(path));
    }

    /** A history is known by its table's name, all else by its path. */
    private static String label(String path) {
        return path.startsWith(LakePath.HISTORY) ? path.substring(LakePath.HISTORY.length()) : path;
    }

    @Override
    public void close() {
        closed = true;
        threads.shutdownNow();
    }
}
