package io.tributary.metrics;

import io.tributary.flow.Measure;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** What a task has measured and not told yet: a sum for each name, so that many changes are few measures. */
final class Measures {
    /** From here on the next change tells first: bounds the memory between two tellings. */
    private static final int MANY = 10_000;

    private final Map<Measure.Name, Measure> waiting = new HashMap<>();

    void add(Measure.Name name, long count, BigDecimal sum) {
        waiting.merge(name, new Measure(name, count, sum, 0, 0), Measure::plus);
    }

    /** Keeps the later of the values. */
    void newest(Measure measure) {
        waiting.merge(measure.name(), measure, Measures::later);
    }

    static Measure later(Measure one, Measure other) {
        boolean isLater = other.at() > one.at() || other.at() == one.at() && other.offset() >= one.offset();
        return isLater ? other : one;
    }

    boolean isMany() {
        return waiting.size() >= MANY;
    }

    void drain(Consumer<Measure> to) {
        waiting.values().forEach(to);
        waiting.clear();
    }
}
