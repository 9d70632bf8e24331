package io.tributary.cli;

import io.tributary.change.SourcePartition;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** How far lake and mirrors come, by table and partition of its topic. */
record Cut(Map<String, Map<SourcePartition, Ends>> tables) {

    /** The next offset that each of the two has not; null where the table is not brought there. */
    record Ends(@Nullable Long lake, @Nullable Long mirror) {
        long asOf() {
            return Math.min(lake == null ? Long.MAX_VALUE : lake, mirror == null ? Long.MAX_VALUE : mirror);
        }
    }

    /**
     * Puts both beside each other. What one has nothing of yet, it has up to 0.
     *
     * @param lake the next offsets by table, or null without a lake
     * @param mirrors the same, or null without a warehouse
     * @param isMirrored whether a table is brought to the warehouse
     */
    static Cut of(
            @Nullable Map<String, Map<SourcePartition, Long>> lake,
            @Nullable Map<String, Map<SourcePartition, Long>> mirrors,
            Predicate<String> isMirrored) {
        Map<String, Map<SourcePartition, Ends>> tables = new TreeMap<>();
        if (mirrors != null) {
            mirrors.forEach((table, ends) ->
                    ends.forEach((partition, next) -> tables.computeIfAbsent(table, t -> new TreeMap<>())
                            .put(partition, new Ends(lake == null ? null : 0L, next))));
        }
        if (lake != null) {
            lake.forEach((table, ends) -> {
                Long none = mirrors != null && isMirrored.test(table) ? 0L : null;
                ends.forEach((partition, next) -> tables.computeIfAbsent(table, t -> new TreeMap<>())
                        .merge(
                                partition,
                                new Ends(next, none),
                                (mirror, history) -> new Ends(history.lake, mirror.mirror)));
            });
        }
        return new Cut(tables);
    }
}
