package io.tributary.decode;

import io.tributary.change.Secret;
import java.io.Serializable;
import java.util.HashMap;

/**
 * What decode is told beforehand.
 *
 * @param tables by {@link io.tributary.change.TableName#toString() name}
 * @param unavailable the connector's {@code unavailable.value.placeholder}
 * @param secret the key of hashed columns; none if none is hashed
 * @param limits of what records may ask for
 * @param mergesSources whether tables of one name in two databases or servers are one
 */
public record DecodeSettings(
        HashMap<String, TableSettings> tables, String unavailable, Secret secret, Limits limits, boolean mergesSources)
        implements Serializable {
    public DecodeSettings(HashMap<String, TableSettings> tables, String unavailable, Secret secret) {
        this(tables, unavailable, secret, Limits.DEFAULT, false);
    }

    /** What Debezium writes if it is told nothing else. */
    public static final String UNAVAILABLE = Placeholders.DEFAULT;

    public static final DecodeSettings NONE = new DecodeSettings(new HashMap<>(), UNAVAILABLE, Secret.NONE);

    public TableSettings of(String table) {
        return tables.getOrDefault(table, TableSettings.NONE);
    }

    /** Whether any table has columns that must not be stored as they are. */
    public boolean isPrivate() {
        return tables.values().stream().anyMatch(table -> !table.privacy().isEmpty());
    }
}
