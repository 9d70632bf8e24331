package io.tributary.flow;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.function.Predicate;
import org.apache.flink.metrics.Gauge;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries until what a sink writes to has done what it is asked for, and tells what it waits for. */
public final class Outage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
    private static final int ATTEMPTS = 3;

    private volatile boolean closed;

    /** May fail, and then be tried again. */
    public interface Attempt<T> {
        T run() throws SQLException, IOException, InterruptedException;
    }

    /** How long something has been waiting, in seconds; 0 while it is not. */
    public static final class Waiting implements Gauge<Double> {
        private volatile long since;

        @Override
        public Double getValue() {
            long began = since;
            return began == 0 ? 0.0 : (System.currentTimeMillis() - began) / 1000.0;
        }
    }

    /**
     * Tries.
     *
     * @param what is attempted and where, for the log, without anything secret: "load rows of public.t at jdbc:postgresql://db/w"
     * @param afterFailure what is done before the next attempt
     * @throws ConflictException at once, if the attempt does
     * @throws InterruptedException if the job ends meanwhile
     */
    public <T> T until(String what, Waiting waiting, Runnable afterFailure, Attempt<T> attempt)
            throws IOException, InterruptedException {
        long wait = FIRST_WAIT.toMillis();
        while (true) {
            T result = once(what, waiting, wait, afterFailure, attempt);
            if (result != null) {
                return result;
            }
            Thread.sleep(wait);
            wait = Math.min(wait * 2, LONGEST_WAIT.toMillis());
        }
    }

    /**
     * The same, but not for ever where that is of no use.
     *
     * @param isLasting whether no waiting mends a failure
     * @throws LastingException if that failed three times for such a reason: the first two may have met another's doing
     */
    public <T> T until(
            String what, Waiting waiting, Runnable afterFailure, Predicate<SQLException> isLasting, Attempt<T> attempt)
            throws IOException, InterruptedException {
        int[] failed = new int[1];
        return until(what, waiting, afterFailure, () -> {
            try {
                return attempt.run();
            } catch (SQLException e) {
                failed[0] = isLasting.test(e) ? failed[0] + 1 : 0;
                if (failed[0] == ATTEMPTS) {
                    throw new LastingException("cannot " + what + ": " + message(e), e);
                }
                throw e;
            }
        });
    }

    /** What a database says, in a line. */
    private static String message(SQLException e) {
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        return e.getSQLState() == null ? first : first + " [" + e.getSQLState() + "]";
    }

    /**
     * Tries once; null where that failed.
     *
     * @param wait when it will be tried again, in milliseconds
     * @throws ConflictException if the attempt does
     * @throws InterruptedException if the job ends meanwhile
     */
    public <T> @Nullable T once(String what, Waiting waiting, long wait, Runnable afterFailure, Attempt<T> attempt)
            throws IOException, InterruptedException {
        try {
            T result = attempt.run();
            if (waiting.since > 0) {
                LOG.info("can {} again, after {} ms", what, System.currentTimeMillis() - waiting.since);
                waiting.since = 0;
            }
            return result;
        } catch (ConflictException e) {
            afterFailure.run();
            waiting.since = 0;
            throw e;
        } catch (SQLException | IOException | RuntimeException e) {
            afterFailure.run();
            // the job is being cancelled: Delta Kernel wraps the interrupt, and may have cleared it
            if (closed || Thread.currentThread().isInterrupted()) {
                throw (InterruptedException) new InterruptedException("the sink is closed").initCause(e);
            }
            // the whole trace once
            LOG.warn("cannot {}: {}; trying again in {} ms", what, reason(e), wait, waiting.since == 0 ? e : null);
            waiting.since = waiting.since == 0 ? System.currentTimeMillis() : waiting.since;
            return null;
        }
    }

    private static String reason(Exception e) {
        StringBuilder reason = new StringBuilder(e.toString());
        if (e instanceof SQLException sql && sql.getSQLState() != null) {
            reason.append(" [").append(sql.getSQLState()).append(']');
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(", because ").append(cause);
        }
        return reason.toString();
    }

    @Override
    public void close() {
        closed = true;
    }
}
