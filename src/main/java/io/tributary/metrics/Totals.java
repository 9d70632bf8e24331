package io.tributary.metrics;

import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The sums of all measures since the beginning, with a bounded number of labels: those met first. Of the rest the last label is
 * {@value #OTHER}, and where the labels before it are too many, those too.
 */
final class Totals {
    static final String OTHER = "other";

    /** Before the names of meters: a metric of the pipeline file has no blank in its own. */
    static final String METER = "meter ";

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
        boolean isMeter = measure.name().kind() == Kind.METER;
        if (metric == null && !isMeter) {
            return;
        }
        Measure.Name name = metric == null
                ? within(MetricSettings.LIMIT, measure.name().subject(), measure.name())
                : admitted(measure.name(), metric);
        Measure admitted = new Measure(name, measure.count(), measure.sum(), measure.at(), measure.offset());
        sums.merge(name, admitted, name.kind() == Kind.CURRENT ? Measures::later : Measure::plus);
    }

    private Measure.Name admitted(Measure.Name name, MetricSettings metric) {
        String family = name.kind() + " " + name.subject();
        return switch (name.kind()) {
            case ARRIVED, VOLUME -> within(metric.limit(), "first " + name.subject(), name);
            case AMOUNT, CURRENT -> within(metric.limit(), "group " + name.subject(), name);
            case CURRENCY -> within(CURRENCIES, family, name);
            default -> name;
        };
    }

    /**
     * The name itself, or as much of its labels from the left as is still told apart. It is the same one each time that a label
     * comes: a list once full stays so, and what is in it stays in it. So what goes is taken from where it was added.
     */
    private Measure.Name within(int limit, String family, Measure.Name name) {
        List<String> labels = name.labels();
        int kept = labels.size();
        while (kept > 0 && labels.get(kept - 1).equals(OTHER)) {
            kept--;
        }
        while (kept > 0 && !admits(limit, family + kept, labels.subList(0, kept))) {
            kept--;
        }
        if (kept == labels.size()) {
            return name;
        }
        List<String> shortened = new ArrayList<>(labels);
        Collections.fill(shortened.subList(kept, labels.size()), OTHER);
        return new Measure.Name(name.kind(), name.subject(), shortened);
    }

    private boolean admits(int limit, String family, List<String> labels) {
        Set<List<String>> admitted = known.computeIfAbsent(family, f -> new HashSet<>());
        return admitted.contains(labels) || admitted.size() < limit && admitted.add(List.copyOf(labels));
    }

    /** All sums as they are now. */
    Map<Measure.Name, Measure> all() {
        return Map.copyOf(sums);
    }
}
