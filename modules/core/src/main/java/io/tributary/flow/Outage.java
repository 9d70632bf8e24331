package io.tributary.flow;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries until what a sink writes to has done what it is asked for, and tells what it waits for. */
public final class Outage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);
    private static final int ATTEMPTS = 3;

    /** What is tried for so long without an answer counts as waiting, too. */
    private static final Duration SILENCE = Duration.ofSeconds(60);

    private static final long BETWEEN_LINES = Duration.ofMinutes(1).toNanos();

    private final Function<Exception, String> advice;
    private volatile boolean closed;

    public Outage() {
        this(failure -> "");
    }

    /** @param advice what can be done about a failure; empty where that is not known */
    public Outage(Function<Exception, String> advice) {
        this.advice = advice;
    }

    /** May fail, with any exception, and is then tried again: for ever where the fault is the sink's own. */
    public interface Attempt<T> {
        /** Never null, which stands for a failure. */
        T run() throws SQLException, IOException, InterruptedException;
    }

    /** How long something has been waiting, in seconds; 0 while it is not. */
    public static final class Waiting implements Gauge<Double> {
        /** A metric beside it, which Flink's REST interface shows: what {@link #text} says. */
        public static final String TEXT = "waitingFor";

        private final String of;
        private volatile long since;
        private volatile long attempt;
        private volatile String why = "";
        private String toldWhy = "";
        private long toldAt;

        /** @param of which table waits, for the log */
        public Waiting(String of) {
            this.of = of;
        }

        /**
         * Makes it known as a metric, and what it waits for.
         *
         * @param sink the outlet's name
         */
        public void register(MetricGroup metrics, String sink, String table) {
            MetricName.SINK_WAITING.register(metrics, this, sink, table);
            MetricName.register(metrics, TEXT, MetricName.SINK_WAITING.labels(), List.of(sink, table), (Gauge<String>)
                    () -> text(sink));
        }

        /** What is tried begins only now: it had to wait for its turn. */
        public void begins() {
            attempt = System.currentTimeMillis();
        }

        @Override
        public Double getValue() {
            long began = began();
            return began == 0 ? 0.0 : (System.currentTimeMillis() - began) / 1000.0;
        }

        private long began() {
            long tried = attempt;
            boolean isSilent = tried != 0 && System.currentTimeMillis() - tried > SILENCE.toMillis();
            return since != 0 ? since : isSilent ? tried : 0;
        }

        /** Sink, table, since when in milliseconds since 1970, and what is the matter, a line each; empty while it does not wait. */
        private String text(String sink) {
            long began = began();
            return began == 0 ? "" : sink + "\n" + of + "\n" + began + "\n" + why;
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
                    String todo = advice.apply(e);
                    throw new LastingException(
                            "cannot " + what + ": " + message(e) + (todo.isEmpty() ? "" : "; " + todo), e);
                }
                throw e;
            }
        });
    }

    /** What a database says, in a line. */
    private static String message(SQLException e) {
        String first = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        Throwable cause = e.getCause();
        String because = cause instanceof IOException ? ", because " + cause : "";
        return first + because + (e.getSQLState() == null ? "" : " [" + e.getSQLState() + "]");
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
        waiting.attempt = System.currentTimeMillis();
        waiting.why = waiting.since > 0 ? waiting.why : "no answer yet, to " + what;
        try {
            T result = attempt.run();
            if (waiting.since > 0) {
                LOG.info("{}: can {} again, after {} ms", waiting.of, what, System.currentTimeMillis() - waiting.since);
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
            tell(what, waiting, e);
            waiting.since = waiting.since == 0 ? System.currentTimeMillis() : waiting.since;
            return null;
        } finally {
            waiting.attempt = 0;
        }
    }

    /** Once, and again where the reason is another, or after a while. */
    private void tell(String what, Waiting waiting, Exception e) {
        String todo = advice.apply(e);
        String why = "cannot " + what + ": " + reason(e);
        waiting.why = todo.isEmpty() ? why : why + "\n" + todo;
        long now = System.nanoTime();
        if (waiting.since == 0 || !why.equals(waiting.toldWhy) || now - waiting.toldAt > BETWEEN_LINES) {
            LOG.warn("{}: {}; {}trying again", waiting.of, why, todo.isEmpty() ? "" : todo + "; ");
            LOG.debug("{}", waiting.of, e);
            waiting.toldWhy = why;
            waiting.toldAt = now;
        }
    }

    private static String reason(Exception e) {
        if (e instanceof SQLException sql) {
            return message(sql); // in the server's own words
        }
        StringBuilder reason = new StringBuilder(line(e));
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            reason.append(", because ").append(line(cause));
        }
        return reason.toString();
    }

    private static String line(Throwable e) {
        return e.toString().replaceAll("\\s*\\R\\s*", " ");
    }

    @Override
    public void close() {
        closed = true;
    }
}
