package io.tributary.change;

import java.io.Serializable;
import java.util.HashMap;

/**
 * A setting that each table may have for itself.
 *
 * @param others for the tables that are not named
 * @param byName by {@code schema.table}, or the name of an aggregate
 */
public record ByTable<T extends Enum<T>>(T others, HashMap<String, T> byName) implements Serializable {
    /** The same for all tables. */
    public static <T extends Enum<T>> ByTable<T> all(T value) {
        return new ByTable<>(value, new HashMap<>());
    }

    public T of(TableName table) {
        return byName.getOrDefault(table.toString(), others);
    }
}
