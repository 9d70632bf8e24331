package io.tributary.warehouse;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tries until the warehouse has done what it is asked for, and tells what it waits for. */
final class Outage {
    private static final Logger LOG = LoggerFactory.getLogger(Outage.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(100);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(15);

    private final String host;
    private volatile boolean closed;

    /** @param url of JDBC; what follows its path may be secret, and is never told */
    Outage(String url) {
        this.host = host(url);
    }

    /** {@code jdbc:postgresql://db:5432/warehouse}, without anything that could be secret. */
    static String host(String url) {
        return url.replaceAll("[?;].*", "").replaceAll("//[^/@]*@", "//");
    }

    /** May fail, and then be tried again. */
    interface Attempt<T> {
        T run() throws SQLException, IOException, InterruptedException;
    }

    /** Is told since when there is no success, in milliseconds since 1970; 0 when there is. */
    interface Waiting {
        void since(long millis);
    }

    /**
     * Tries.
     *
     * @param what is attempted, for the log: "load rows of public.t"
     * @throws WarehouseConflictException at once, if the attempt does
     * @throws InterruptedException if the job ends meanwhile
     */
    <T> T until(String what, Session session, Waiting waiting, Attempt<T> attempt)
            throws IOException, InterruptedException {
        long wait = FIRST_WAIT.toMillis();
        long since = 0;
        while (true) {
            try {
                T result = attempt.run();
                waiting.since(0);
                if (since > 0) {
                    LOG.info("{} can {} again, after {} ms", host, what, System.currentTimeMillis() - since);
                }
                return result;
            } catch (WarehouseConflictException e) {
                session.drop();
                throw e;
            } catch (SQLException | IOException | RuntimeException e) {
                session.drop();
                if (closed || Thread.currentThread().isInterrupted()) {
                    throw (InterruptedException) new InterruptedException("the sink is closed").initCause(e);
                }
                since = since == 0 ? System.currentTimeMillis() : since;
                waiting.since(since);
                LOG.warn("cannot {} at {}: {}; trying again in {} ms", what, host, reason(e), wait);
                LOG.debug("why", e);
                Thread.sleep(wait);
                wait = Math.min(wait * 2, LONGEST_WAIT.toMillis());
            }
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

    void close() {
        closed = true;
    }
}
