package io.tributary.flow;

import io.tributary.flow.Tally.Counter;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.util.OutputTag;

/** Counts between two checkpoints, in the task's thread; drained ahead of each barrier, so that they count once. */
public final class Tallies {
    /** Where operators send their tallies. */
    public static final OutputTag<Tally> OUTPUT = new OutputTag<>("tallies", StreamType.TALLY);

    /** One count, to be kept by whoever counts much. */
    public static final class Count {
        private long value;

        public void inc() {
            value++;
        }
    }

    private final Map<Tally.Name, Count> counts = new HashMap<>();

    public void add(String table, Counter counter, String label) {
        count(table, counter, label).inc();
    }

    public Count count(String table, Counter counter, String label) {
        return counts.computeIfAbsent(new Tally.Name(table, counter, label), n -> new Count());
    }

    /** Gives all counts and starts again at nothing. */
    public void drain(Consumer<Tally> to) {
        counts.forEach((name, count) -> {
            if (count.value > 0) {
                to.accept(new Tally(name, count.value));
                count.value = 0;
            }
        });
    }
}
