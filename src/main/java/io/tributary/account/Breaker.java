package io.tributary.account;

import io.tributary.flow.DeadLetters;
import io.tributary.flow.Tally;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Tells broken records from a broken system: it trips when more than a share of a table's records within a sliding window
 * are rejected. Begins with an empty window at every start.
 *
 * <p>Tallies of one moment arrive from many tasks, one after the other. So that no table is judged by its rejections before
 * all its reads are there, rejections count from the judgement after the one that they came before.
 */
final class Breaker {
    private static final int SLOTS = 20;

    private final BreakerLimits limits;
    private final long windowMillis;
    private final Map<String, Deque<Slot>> tables = new TreeMap<>();
    private final List<Tally> waiting = new ArrayList<>();

    /** What came within a part of the window. */
    private static final class Slot {
        final long start;
        long read;
        final Map<String, Long> rejected = new TreeMap<>();
        final Map<String, String> details = new HashMap<>();

        Slot(long start) {
            this.start = start;
        }
    }

    Breaker(BreakerLimits limits) {
        this.limits = limits;
        this.windowMillis = limits.window().toMillis();
    }

    /** @param now in milliseconds of the processing time */
    void add(Tally tally, long now) {
        switch (tally.counter()) {
            case READ -> slot(tally.table(), now).read += tally.count();
            case REJECTED -> {
                // while a partition is behind, late ones are many, and no row is wrong
                if (!tally.label().equals(DeadLetters.LATE)) {
                    waiting.add(tally);
                }
            }
            default -> {
                // a record that was read, and not rejected
            }
        }
    }

    /** The tables that have too many rejections, with a line for each that says how many and why. */
    Map<String, String> judge(long now) {
        forgetBefore(now - windowMillis);
        Map<String, String> tripped = new TreeMap<>();
        tables.forEach((table, slots) -> judge(table, slots).ifPresent(why -> tripped.put(table, why)));
        countWaiting(now);
        return tripped;
    }

    /** The last judgement: all tallies are there. */
    Map<String, String> judgeAll(long now) {
        countWaiting(now);
        return judge(now);
    }

    private void countWaiting(long now) {
        for (Tally tally : waiting) {
            Slot slot = slot(tally.table(), now);
            slot.rejected.merge(tally.label(), tally.count(), Long::sum);
            slot.details.put(tally.label(), tally.detail());
        }
        waiting.clear();
    }

    private Slot slot(String table, long now) {
        Deque<Slot> slots = tables.computeIfAbsent(table, t -> new ArrayDeque<>());
        Slot last = slots.peekLast();
        if (last == null || now - last.start >= windowMillis / SLOTS) {
            last = new Slot(now);
            slots.addLast(last);
        }
        return last;
    }

    private void forgetBefore(long start) {
        tables.values().removeIf(slots -> {
            slots.removeIf(slot -> slot.start <= start);
            return slots.isEmpty();
        });
    }

    private Optional<String> judge(String table, Deque<Slot> slots) {
        long read = 0;
        long rejected = 0;
        Map<String, Long> byReason = new TreeMap<>();
        Map<String, String> details = new HashMap<>();
        for (Slot slot : slots) {
            read += slot.read;
            for (Map.Entry<String, Long> reason : slot.rejected.entrySet()) {
                rejected += reason.getValue();
                byReason.merge(reason.getKey(), reason.getValue(), Long::sum);
            }
            details.putAll(slot.details);
        }
        // what was read a window ago may be rejected in this one: more than all is no mistake, and 1 is off
        if (limits.share() >= 1 || read < limits.least() || rejected <= limits.share() * read) {
            return Optional.empty();
        }
        String most = byReason.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
        return Optional.of(String.format(
                Locale.ROOT,
                "rejected %,d of the last %,d records of %s in %s s (breaker.share %s), most for reason '%s': %s",
                rejected,
                read,
                table,
                BigDecimal.valueOf(windowMillis, 3).stripTrailingZeros().toPlainString(),
                limits.share(),
                most,
                details.getOrDefault(most, "").replaceAll("\\R", " ")));
    }
}
