package io.tributary.decode;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What the pipeline file says of a table.
 *
 * @param key its key's columns, used where the topic's records have none
 * @param types its columns' types as {@link TypeHint} reads them, used where the events carry no schema, or hold a number as text
 * @param buckets into how many buckets its keys are dealt; fixed in the savepoint
 * @param privacy columns that must not be stored as they are
 * @param ruled whether rules may reject its rows: then they carry their records with them
 */
public record TableSettings(
        List<String> key,
        Map<String, String> types,
        int buckets,
        OutOfRange outOfRange,
        Map<String, Privacy> privacy,
        boolean ruled)
        implements Serializable {
    /** One: then both halves of a changed key, and all keys of a table, meet in one place. */
    public static final int DEFAULT_BUCKETS = 1;

    public static final TableSettings NONE =
            new TableSettings(List.of(), Map.of(), DEFAULT_BUCKETS, OutOfRange.TEXT, Map.of(), false);

    public TableSettings {
        key = List.copyOf(key);
        types = Map.copyOf(types);
        privacy = Map.copyOf(privacy);
    }
}
