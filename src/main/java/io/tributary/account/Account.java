package io.tributary.account;

import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import java.io.Serializable;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Totals by table, counter and label. A value: {@link #with} gives a new one. */
public final class Account implements Serializable {
    private final HashMap<Tally.Name, Long> totals;

    private Account(HashMap<Tally.Name, Long> totals) {
        this.totals = totals;
    }

    public static Account empty() {
        return new Account(new HashMap<>());
    }

    public static Account of(Iterable<Tally> tallies) {
        HashMap<Tally.Name, Long> totals = new HashMap<>();
        tallies.forEach(t -> totals.merge(t.name(), t.count(), Long::sum));
        return new Account(totals);
    }

    public Account with(Collection<Tally> tallies) {
        HashMap<Tally.Name, Long> more = new HashMap<>(totals);
        tallies.forEach(t -> more.merge(t.name(), t.count(), Long::sum));
        return new Account(more);
    }

    public List<Tally> tallies() {
        return totals.entrySet().stream()
                .map(e -> new Tally(e.getKey(), e.getValue()))
                .toList();
    }

    /** The totals of each table, labels summed. */
    public Map<String, Map<Counter, Long>> byTable() {
        Map<String, Map<Counter, Long>> tables = new TreeMap<>();
        totals.forEach((name, count) -> tables.computeIfAbsent(name.table(), t -> new EnumMap<>(Counter.class))
                .merge(name.counter(), count, Long::sum));
        return tables;
    }

    public long total(Counter counter) {
        return totals.entrySet().stream()
                .filter(e -> e.getKey().counter() == counter)
                .mapToLong(Map.Entry::getValue)
                .sum();
    }

    /** How many records of each table were rejected for this reason. */
    public SortedMap<String, Long> rejected(String reason) {
        SortedMap<String, Long> tables = new TreeMap<>();
        totals.forEach((name, count) -> {
            if (name.counter() == Counter.REJECTED && name.label().equals(reason)) {
                tables.merge(name.table(), count, Long::sum);
            }
        });
        return tables;
    }

    /** One line: what was read and what became of it. */
    @Override
    public String toString() {
        return "read %,d = applied %,d + duplicates %,d + rejected %,d + ignored %,d"
                .formatted(
                        total(Counter.READ),
                        total(Counter.APPLIED),
                        total(Counter.DUPLICATES),
                        total(Counter.REJECTED),
                        total(Counter.IGNORED));
    }
}
