package io.tributary.account;

import java.io.Serializable;
import java.time.Duration;

/**
 * From where on a table's rejections are taken for a broken system rather than broken records.
 *
 * @param share of the records read within the window: more rejections than that end the job; 1 is never more
 * @param least how many records must have been read within the window
 */
public record BreakerLimits(double share, Duration window, long least) implements Serializable {
    public static final BreakerLimits DEFAULT = new BreakerLimits(0.5, Duration.ofMinutes(1), 1000);
}
