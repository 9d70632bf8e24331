package io.tributary.changelog;

import io.tributary.validate.Rule;
import java.io.Serializable;
import java.util.List;

/**
 * What the pipeline file says of a table's rows.
 *
 * @param sweep whether rows that a new snapshot does not have are deleted
 * @param rules in the order they are checked
 * @param measured whether the rows that a truncate takes are told one by one
 * @param buckets over how many buckets its rows are spread, by their keys
 * @param shape which rows the sinks have, and with which columns
 * @param named columns that it must have
 * @param failsOnUnknown whether the job ends if it has not
 */
public record ChangelogSettings(
        boolean sweep,
        Unsent unsent,
        StateMode state,
        List<Rule> rules,
        boolean measured,
        int buckets,
        Shape shape,
        List<NamedColumn> named,
        boolean failsOnUnknown)
        implements Serializable {
    public static final ChangelogSettings DEFAULT =
            new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of());

    /** Of a table that no metric measures, in one bucket. */
    public ChangelogSettings(boolean sweep, Unsent unsent, StateMode state, List<Rule> rules) {
        this(sweep, unsent, state, rules, false, 1);
    }

    /** Of a table whose rows the sinks have as they are. */
    public ChangelogSettings(
            boolean sweep, Unsent unsent, StateMode state, List<Rule> rules, boolean measured, int buckets) {
        this(sweep, unsent, state, rules, measured, buckets, Shape.AS_IT_IS);
    }

    /** Of a table that may have any columns. */
    public ChangelogSettings(
            boolean sweep,
            Unsent unsent,
            StateMode state,
            List<Rule> rules,
            boolean measured,
            int buckets,
            Shape shape) {
        this(sweep, unsent, state, rules, measured, buckets, shape, List.of(), false);
    }

    public ChangelogSettings {
        rules = List.copyOf(rules);
        named = List.copyOf(named);
    }
}
