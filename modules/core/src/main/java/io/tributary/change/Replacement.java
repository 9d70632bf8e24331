package io.tributary.change;

import java.util.List;
import java.util.Map;

/**
 * The head of the rows that a part of a table has now: whoever keeps the table puts them in the place of those that it has.
 *
 * @param schemas those of the rows that come, the table's newest last
 * @param parts of how many parts the table is
 * @param ends how far the rows come: the next offset of each source partition
 */
public record Replacement(List<TableSchema> schemas, int parts, Map<SourcePartition, Long> ends) {
    public Replacement {
        schemas = List.copyOf(schemas);
        ends = Map.copyOf(ends);
    }
}
