package io.tributary.warehouse;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.MetricName;
import io.tributary.flow.Outage;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;

/** What metrics tell of a mirror, when it was last brought up to date, and what it waits for. */
final class MirrorProgress {
    /** Checkpoints do not come to the millisecond. */
    private static final long TOLERANCE_MILLIS = 250;

    /** Where a mirror was brought. */
    record Reach(TableName source, Map<SourcePartition, Long> next) {}

    private final MetricGroup metrics;
    final ReentrantLock turn = new ReentrantLock();
    final Outage.Waiting waiting;
    /** Of attempts to apply what is set aside: nobody waits for those. */
    final Outage.Waiting asideWaiting;
    /** Why the mirror is set aside: what is staged waits, until the warehouse takes it. */
    volatile @Nullable String aside;
    /** What the mirror lacks, which is nowhere but in the topic. */
    volatile @Nullable String lost;
    /** How often in a row it could not be applied; of the thread that applies later. */
    int refusals;

    volatile Ledger.Totals totals = new Ledger.Totals(0, 0, false);
    /** Whether the totals are among the metrics; within a turn. */
    private boolean isShown;

    /** Within a turn. */
    long patienceMillis = Session.PATIENCE_MILLIS;

    volatile @Nullable Reach reached;
    volatile double seconds;
    volatile long appliedAt;
    volatile long restMillis;
    volatile long clearAgainAt;
    volatile long applyAgainAt;
    volatile Map<String, String> types = new HashMap<>();
    /** The fences, while the staging table has many rows before them, which are applied. */
    final AtomicReference<@Nullable Map<SourcePartition, Long>> covered = new AtomicReference<>();
    /** The table of the source, while something of it is staged for good and not applied. */
    volatile @Nullable TableName source;

    /** @param metrics of the committer */
    MirrorProgress(TableName mirror, MetricGroup metrics) {
        this.metrics = metrics;
        this.waiting = new Outage.Waiting(mirror.toString());
        this.asideWaiting = new Outage.Waiting(mirror.toString());
        waiting.register(metrics, "warehouse", mirror.toString());
    }

    boolean isDue(long now, long freshness) {
        return now - appliedAt >= Math.max(freshness, restMillis) - TOLERANCE_MILLIS;
    }

    /** Not before the first commit: until then the totals are not known, and zero would be less than before the restart. */
    void show(TableName source) {
        synchronized (this) {
            if (isShown) {
                return;
            }
            isShown = true;
        }
        String table = source.toString();
        MetricName.WAREHOUSE_ASIDE.register(
                metrics, (Gauge<Long>) () -> aside == null && lost == null ? 0L : 1L, table);
        MetricName.WAREHOUSE_ROWS.register(metrics, (Gauge<Long>) () -> totals.rows(), table);
        MetricName.WAREHOUSE_COMMITS.register(metrics, (Gauge<Long>) () -> totals.commits(), table);
        MetricName.WAREHOUSE_COMMIT_SECONDS.register(metrics, (Gauge<Double>) () -> seconds, table);
    }
}
