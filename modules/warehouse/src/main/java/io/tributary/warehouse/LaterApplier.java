package io.tributary.warehouse;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.Outage;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Applies what is staged for good when it is due, takes what is applied out of the staging tables, and tries mirrors that are set aside. */
final class LaterApplier implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaterApplier.class);

    private static final long APPLY_AGAIN_MILLIS = 10_000;
    private static final int REFUSALS = 3;
    private static final long CLEAR_AGAIN_MILLIS = 60_000;
    private static final long END_MILLIS = 5000;

    private final Mirrors mirrors;
    private final MirrorTransaction transaction;
    private final MirrorProof proof;
    private final Thread thread = new Thread(this::applyWhatIsDue, "warehouse-apply");
    private volatile boolean closed;
    /** Why what is staged of some mirror never will be applied. */
    private volatile @Nullable IOException refused;

    /** Begins with what was staged before. */
    LaterApplier(Mirrors mirrors, MirrorTransaction transaction) {
        this.mirrors = mirrors;
        this.transaction = transaction;
        this.proof = new MirrorProof(mirrors);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Why what is staged of some mirror never will be applied; null where all may. */
    @Nullable
    IOException refused() {
        return refused;
    }

    private void applyWhatIsDue() {
        try {
            String reading = "read what is staged at " + mirrors.settings().place();
            int[] attempts = new int[1];
            for (StagedRows part : mirrors.outage()
                    .until(reading, new Outage.Waiting(mirrors.settings().ledger()), mirrors.session()::drop, () -> {
                        Connection connection = mirrors.session().connection();
                        boolean unused = attempts[0]++ == 0
                                ? mirrors.ledger().create(connection)
                                : mirrors.ledger().restore(connection);
                        return mirrors.ledger().staged(connection);
                    })) {
                mirrors.of(part.mirror()).source = part.source();
            }
            while (!closed) {
                Thread.sleep(mirrors.pace().lookMillis());
                for (Map.Entry<TableName, MirrorProgress> entry : mirrors.all().entrySet()) {
                    MirrorProgress told = entry.getValue();
                    TableName source = told.source;
                    if (source != null
                            && (told.aside != null
                                    || told.isDue(
                                            mirrors.now(),
                                            mirrors.settings().freshness(source).toMillis()))) {
                        applyLater(entry.getKey(), told);
                    }
                    if (!closed) {
                        clear(entry.getKey(), told);
                    }
                }
                proof.proveAll();
            }
        } catch (InterruptedException e) {
            LOG.debug("closed", e);
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot apply what is staged", e);
        }
    }

    /** One attempt, unless the mirror has its turn already: it is not to hold up others. */
    private void applyLater(TableName mirror, MirrorProgress told) throws InterruptedException {
        if (mirrors.now() < told.applyAgainAt || !told.turn.tryLock()) {
            return;
        }
        boolean isAside = told.aside != null;
        long again = isAside ? mirrors.pace().asideMillis() : APPLY_AGAIN_MILLIS;
        Outage.Waiting waiting = isAside ? told.asideWaiting : told.waiting;
        try {
            Boolean isDone = mirrors.outage().once(mirrors.bringing(), waiting, again, mirrors.session()::drop, () -> {
                try {
                    transaction.publish(
                            mirror, List.of(), told, isAside ? MirrorTransaction.When.NOW : MirrorTransaction.When.DUE);
                } catch (SQLException e) {
                    refused(mirror, told, e);
                    throw e;
                }
                return true;
            });
            told.applyAgainAt = isDone == null ? mirrors.now() + again : 0;
        } catch (IOException e) {
            told.source = null;
            refused = e;
            LOG.error("cannot apply what is staged for {}: the next checkpoint that has rows fails of it", mirror, e);
        } finally {
            told.turn.unlock();
        }
    }

    /** A mirror whose apply is refused time and again is set aside, also where no more rows come. */
    private void refused(TableName mirror, MirrorProgress told, SQLException e) {
        told.refusals = mirrors.dialect().isLasting(e) ? told.refusals + 1 : 0;
        TableName source = told.source;
        if (told.aside != null || told.refusals < REFUSALS || source == null) {
            return;
        }
        String reason = "cannot " + mirrors.bringing() + ": " + e.getMessage();
        mirrors.setAside(mirror, source, told, reason);
        try {
            mirrors.session().drop(); // with the transaction that failed
            mirrors.ledger().setAside(mirrors.session().connection(), mirror, source, reason);
        } catch (SQLException later) {
            LOG.debug("cannot note that {} is set aside", mirror, later);
        }
    }

    /** One attempt: nobody waits for it, and it is not to hold up other mirrors. */
    private void clear(TableName mirror, MirrorProgress told) {
        Map<SourcePartition, Long> covered = told.covered.get();
        if (covered == null || mirrors.now() < told.clearAgainAt) {
            return;
        }
        TableName stage = mirrors.ledger().staging(mirror);
        try {
            Connection connection = mirrors.session().connection();
            StagedParts.clear(connection, mirrors.dialect(), stage, covered);
            if (!closed) { // at the end nobody is to wait for what the warehouse does by itself, later
                mirrors.dialect().tidy(connection, mirrors.dialect().quoted(stage));
            }
            told.covered.compareAndSet(covered, null);
        } catch (SQLException | RuntimeException e) {
            mirrors.session().drop();
            told.clearAgainAt = mirrors.now() + CLEAR_AGAIN_MILLIS;
            LOG.info("{} keeps rows that are applied for another minute: {}", stage, e.toString());
        }
    }

    /** The mirrors get what is staged for good, unless another thread is still about it after a moment. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** The rest of {@link #close}, when nothing else is committed any more; whether the thread has ended. */
    boolean end() throws InterruptedException {
        for (Map.Entry<TableName, MirrorProgress> entry : mirrors.all().entrySet()) {
            finish(entry.getKey(), entry.getValue());
        }
        thread.join(END_MILLIS);
        if (thread.isAlive()) {
            return false; // it may be clearing just that
        }
        mirrors.all().forEach(this::clear);
        return true;
    }

    /** At the end: the mirror gets what is staged for good, unless another thread is still about it after a moment. */
    private void finish(TableName mirror, MirrorProgress told) throws InterruptedException {
        if (told.source == null || told.aside != null || !told.turn.tryLock(END_MILLIS, TimeUnit.MILLISECONDS)) {
            return;
        }
        try {
            transaction.publish(mirror, List.of(), told, MirrorTransaction.When.NOW);
        } catch (SQLException | IOException | RuntimeException e) {
            mirrors.session().drop(); // with its transaction, which is not the next mirror's
            LOG.info("rows of {} stay staged until the next start: {}", mirror, e.toString());
        } finally {
            told.turn.unlock();
        }
    }
}
