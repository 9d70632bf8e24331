package io.tributary.lake;

import io.tributary.flow.MetricName;
import io.tributary.flow.Outage;
import io.tributary.flow.TableCommits;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes checkpoints: for each table, the files are made visible and one Delta commit adds them and moves the fences. The
 * fences decide: what they cover is published already, by this job or another, and is left alone. A lake that cannot be
 * written is waited for.
 */
final class LakeCommitter implements Committer<LakeCommittable> {
    private static final Logger LOG = LoggerFactory.getLogger(LakeCommitter.class);

    private final String lake;
    private final SinkSteps steps;
    private final Publisher publisher;
    private final MetricGroup metrics;
    private final Map<String, Progress> progress = new ConcurrentHashMap<>();
    private final TableCommits commits = new TableCommits("lake-commit");
    private final Outage outage = new Outage();

    LakeCommitter(String lake, SinkSteps steps, MetricGroup metrics) {
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
        commits.all(byTable, this::untilDone);
        steps.reached("", LakeStep.PUBLISHED);
    }

    private void untilDone(String table, List<TableCommit> parts) throws IOException, InterruptedException {
        Progress told = progress.computeIfAbsent(table, this::progress);
        Publisher.Published first = told.published;
        told.published =
                outage.until("write " + lake + "/" + table, told.waiting, () -> {}, () -> publish(table, parts));
        if (first.commits() == 0) {
            show(table, told);
        }
    }

    private Publisher.Published publish(String table, List<TableCommit> parts) throws IOException {
        while (true) {
            try {
                return publisher.publish(table, parts);
            } catch (TableLog.Conflict e) {
                // Delta Kernel takes a write that was interrupted for a conflict
                if (Thread.currentThread().isInterrupted()) {
                    throw (IOException)
                            new InterruptedIOException("cannot commit to " + table + ": interrupted").initCause(e);
                }
                LOG.info("another commit to {} came first: looking again", table);
            }
        }
    }

    /** What metrics tell of a table. */
    private static final class Progress {
        volatile Publisher.Published published = new Publisher.Published(0, 0);
        final Outage.Waiting waiting;

        Progress(String path) {
            waiting = new Outage.Waiting(path);
        }
    }

    private Progress progress(String path) {
        Progress made = new Progress(path);
        made.waiting.register(metrics, "lake", label(path));
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
        outage.close();
        commits.close();
    }
}
