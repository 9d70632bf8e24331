package io.tributary.account;

import java.io.Serializable;
import java.time.Duration;

/**
 * From where on a table's rejections are taken for a broken system rather than broken records.
 *
 * @param share of the records read within the window: more rejections than that trip the breaker; 1 is never more
 * @param least how many records must have been read within the window
 */
public record BreakerLimits(double share, Duration window, long least, Scope scope) implements Serializable {
    public static final BreakerLimits DEFAULT = new BreakerLimits(0.5, Duration.ofMinutes(1), 1000, Scope.JOB);

    /** What a table's rejections stop. */
    public enum Scope {
        /** The job ends, before it drains the topic into dead letters. */
        JOB,
        /** The table is named, until its rejections are fewer again; the job goes on, and what it rejects waits as dead letters. */
        TABLE
    }
}
