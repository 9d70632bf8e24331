package io.tributary.metrics;

import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The sums of all measures since the beginning, with a bounded number of labels: those met first, and {@value #OTHER}. */
final class Totals {
    static final String OTHER = "other";

    private static final int CURRENCIES = 50;

    private final Map<String, MetricSettings> metrics;
    private final Map<Measure.Name, Measure> sums = new HashMap<>();
    private final Map<String, Set<List<String>>> known = new HashMap<>();

    /** @param metrics by name; measures of others are left out */
    Totals(Map<String, MetricSettings> metrics) {
        this.metrics = Map.copyOf(metrics);
    }

    void add(Measure measure) {
        MetricSettings metric = metrics.get(measure.name().subject());
        if (metric == null) {
            return;
        }
        Measure.Name name = admitted(measure.name(), metric);
        Measure admitted = new Measure(name, measure.count(), measure.sum(), measure.at(), measure.offset());
        sums.merge(name, admitted, name.kind() == Kind.CURRENT ? Measures::later : Measure::plus);
    }

    private Measure.Name admitted(Measure.Name name, MetricSettings metric) {
        int limit =
                switch (name.kind()) {
                    case ARRIVED, VOLUME, AMOUNT, CURRENT -> metric.limit();
                    case CURRENCY -> CURRENCIES;
                    default -> Integer.MAX_VALUE;
                };
        String family =
                switch (name.kind()) {
                    case ARRIVED, VOLUME -> "first " + name.subject();
                    case AMOUNT, CURRENT -> "group " + name.subject();
                    default -> name.kind() + " " + name.subject();
                };
        List<String> other = name.labels().stream().map(label -> OTHER).toList();
        Set<List<String>> admitted = known.computeIfAbsent(family, f -> new HashSet<>());
        // once full it stays so: what was not admitted never is, and what goes is taken from where it was added
        boolean has = admitted.contains(name.labels())
                || !name.labels().equals(other) && admitted.size() < limit && admitted.add(name.labels());
        return has || limit == Integer.MAX_VALUE ? name : new Measure.Name(name.kind(), name.subject(), other);
    }

    /** All sums as they are now. */
    Map<Measure.Name, Measure> all() {
        return Map.copyOf(sums);
    }
}
