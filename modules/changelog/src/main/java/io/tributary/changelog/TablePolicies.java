package io.tributary.changelog;

import io.tributary.change.TableSchema;
import java.util.Map;

/** What the pipeline file says of tables. */
final class TablePolicies {
    private final Map<String, ChangelogSettings> byName;

    TablePolicies(Map<String, ChangelogSettings> byName) {
        this.byName = Map.copyOf(byName);
    }

    ChangelogSettings of(TableSchema schema) {
        return byName.isEmpty()
                ? ChangelogSettings.DEFAULT
                : byName.getOrDefault(schema.table().toString(), ChangelogSettings.DEFAULT);
    }
}
