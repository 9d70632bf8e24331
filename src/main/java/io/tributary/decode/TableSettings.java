package io.tributary.decode;

import io.tributary.change.ColumnType;
import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What the pipeline file says of a table.
 *
 * @param key its key's columns, used where the topic's records have none
 * @param types its columns' types as text ({@link ColumnType#parse}), used where the events carry no schema
 * @param buckets into how many buckets its keys are dealt; fixed in the savepoint
 */
public record TableSettings(List<String> key, Map<String, String> types, int buckets) implements Serializable {
    public static final int DEFAULT_BUCKETS = 8;
    public static final TableSettings NONE = new TableSettings(List.of(), Map.of(), DEFAULT_BUCKETS);

    public TableSettings {
        key = List.copyOf(key);
        types = Map.copyOf(types);
    }
}
