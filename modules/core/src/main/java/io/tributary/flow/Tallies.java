package io.tributary.flow;

import io.tributary.flow.Tally.Counter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.util.OutputTag;

/**
 * Counts, in the task's thread; drained ahead of each barrier, so that they count once, and now and then between, so that
 * the breaker knows them.
 */
public final class Tallies {
    /** Between two drains, in milliseconds. */
    public static final long INTERVAL = 250;

    private static final int LONGEST_DETAIL = 1000;

    /** Where operators send their tallies. */
    public static final OutputTag<Tally> OUTPUT = new OutputTag<>("tallies", StreamType.TALLY);

    /** One count, to be kept by whoever counts much. */
    public static final class Count {
        private long value;
        private String detail = "";

        public void inc() {
            value++;
        }

        /** @param more less than 0 where fewer are there */
        public void add(long more) {
            value += more;
        }
    }

    private final Map<Tally.Name, Count> counts = new HashMap<>();

    public void add(String table, Counter counter, String label) {
        count(table, counter, label).inc();
    }

    /** @param detail what was wrong with this one */
    public void reject(String table, String reason, String detail) {
        Count count = count(table, Counter.REJECTED, reason);
        count.value++;
        count.detail = detail;
    }

    public Count count(String table, Counter counter, String label) {
        return counts.computeIfAbsent(new Tally.Name(table, counter, label), n -> new Count());
    }

    /** Gives all counts and starts again at nothing. */
    public void drain(Consumer<Tally> to) {
        counts.forEach((name, count) -> {
            if (count.value != 0) {
                int length = Math.min(count.detail.length(), LONGEST_DETAIL);
                to.accept(new Tally(name, count.value, count.detail.substring(0, length)));
                count.value = 0;
            }
        });
    }
}
