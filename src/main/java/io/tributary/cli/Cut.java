package io.tributary.cli;

import io.tributary.change.SourcePartition;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;

/** How far sinks come, by table and partition of its topic. */
record Cut(Map<String, Map<SourcePartition, Ends>> tables) {

    /** The next offset that each sink has not, by sink; one that the table is not brought to has none. */
    record Ends(Map<String, Long> bySink) {
        long asOf() {
            return bySink.values().stream().mapToLong(Long::longValue).min().orElse(0);
        }
    }

    /**
     * Puts them beside each other. What one has nothing of yet, it has up to 0.
     *
     * @param shown the next offsets by table, by sink
     * @param takes whether a sink is brought a table
     */
    static Cut of(Map<String, Map<String, Map<SourcePartition, Long>>> shown, BiPredicate<String, String> takes) {
        Map<String, TreeSet<SourcePartition>> all = new TreeMap<>();
        shown.values()
                .forEach(tables -> tables.forEach((table, ends) ->
                        all.computeIfAbsent(table, t -> new TreeSet<>()).addAll(ends.keySet())));
        Map<String, Map<SourcePartition, Ends>> tables = new TreeMap<>();
        all.forEach((table, partitions) -> {
            Map<SourcePartition, Ends> byPartition = new TreeMap<>();
            for (SourcePartition partition : partitions) {
                Map<String, Long> bySink = new LinkedHashMap<>();
                shown.forEach((sink, its) -> {
                    Long next = its.getOrDefault(table, Map.of()).get(partition);
                    if (next != null || takes.test(sink, table)) {
                        bySink.put(sink, next == null ? 0 : next);
                    }
                });
                byPartition.put(partition, new Ends(bySink));
            }
            tables.put(table, byPartition);
        });
        return new Cut(tables);
    }
}
