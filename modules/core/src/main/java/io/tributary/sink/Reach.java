package io.tributary.sink;

import io.tributary.change.Reached;
import io.tributary.change.SourcePartition;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a sink comes.
 *
 * @param tables how far each table comes, by {@code schema.table().toString()}, or by what messages call the sink's table; dead letters not
 *     among them
 * @param ends the next offset of each partition that any table has, that of the dead letters included
 * @param rows how far the whole rows come that it has, by bucket
 */
public record Reach(
        Map<String, Reached> tables, Map<SourcePartition, Long> ends, Map<Long, Map<SourcePartition, Long>> rows) {
    /** Of a sink that has no more than these tables. */
    public static Reach of(Map<String, Reached> tables) {
        Map<SourcePartition, Long> ends = new HashMap<>();
        tables.values().forEach(reached -> reached.next().forEach((p, next) -> ends.merge(p, next, Math::max)));
        return new Reach(tables, ends, Map.of());
    }
}
