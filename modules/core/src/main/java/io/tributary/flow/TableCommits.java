package io.tributary.flow;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.execution.SuppressRestartsException;

/** A sink's commits, several tables at a time. */
public final class TableCommits implements AutoCloseable {
    private static final int PARALLEL = 4;
    private static final long END_MILLIS = 5000;

    private final ExecutorService threads;

    /** Commits what a checkpoint has of one table. */
    public interface Commit<T, P> {
        void untilDone(T table, List<P> parts) throws IOException, InterruptedException;
    }

    /** @param thread what its threads are called */
    public TableCommits(String thread) {
        this.threads = Executors.newFixedThreadPool(PARALLEL, task -> {
            Thread made = new Thread(task, thread);
            made.setDaemon(true);
            return made;
        });
    }

    /**
     * Commits all, in any order.
     *
     * @throws SuppressRestartsException around a {@link ConflictException} of any of them: the job ends
     */
    public <T, P> void all(Map<T, List<P>> tables, Commit<T, P> commit) throws IOException, InterruptedException {
        List<Future<?>> commits = new ArrayList<>();
        tables.forEach((table, parts) -> commits.add(threads.submit(() -> {
            commit.untilDone(table, parts);
            return null;
        })));
        for (Future<?> each : commits) {
            try {
                each.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof ConflictException conflict) {
                    throw new SuppressRestartsException(conflict);
                }
                throw new IOException(e.getCause());
            }
        }
    }

    /** Interrupts them, and waits a moment for their end. */
    @Override
    public void close() {
        threads.shutdownNow();
        try {
            boolean unused = threads.awaitTermination(END_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether all have ended, after {@link #close}. */
    public boolean haveEnded() {
        return threads.isTerminated();
    }
}
