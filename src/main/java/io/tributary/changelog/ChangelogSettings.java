package io.tributary.changelog;

import io.tributary.validate.Rule;
import java.io.Serializable;
import java.util.List;

/**
 * What the pipeline file says of a table's rows.
 *
 * @param sweep whether rows that a new snapshot does not have are deleted
 * @param rules in the order they are checked
 */
public record ChangelogSettings(boolean sweep, Unsent unsent, StateMode state, List<Rule> rules)
        implements Serializable {
    public static final ChangelogSettings DEFAULT =
            new ChangelogSettings(true, Unsent.REJECT, StateMode.ROWS, List.of());

    public ChangelogSettings {
        rules = List.copyOf(rules);
    }
}
