package io.tributary.metrics;

import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * When the changes of one table were made, by the source's own clock: event-time windows, and the rate of the last second.
 *
 * <p>The clock is the newest source time; while nothing comes it goes on with ours. A window is closed a second after its end.
 * A change that belongs to a closed window is counted as late, and the window is restated as long as it is kept.
 */
final class Windows {
    /** The lengths, in milliseconds. */
    static final List<Long> LENGTHS = List.of(1_000L, 60_000L);

    /** How many windows of a length are kept: five minutes, two hours. */
    private static final Map<Long, Integer> KEPT = Map.of(1_000L, 300, 60_000L, 120);

    private static final long GRACE = 1_000;
    private static final long SECOND = 1_000;
    /** How long after the last measure nothing is taken to have come: some measures' intervals. */
    private static final long SILENCE = 500;
    /** A source time further ahead of ours is a mistake of the source's clock, and counts as now. */
    private static final long AHEAD = 60_000;
    /** How often it is judged whether the job catches up. */
    private static final long JUDGED_EVERY = 1_000;
    /** How much faster than ours the source's time goes while the job catches up. */
    private static final double CATCHING_UP = 1.5;
    /** How far back tasks that catch up side by side may be apart. */
    private static final long APART = 120_000;
    /** After a restore, how long the source may take to start. */
    private static final long START = 30_000;

    private static final long NOT_YET = 0;

    private final String table;
    private final Map<Long, NavigableMap<Long, Long>> windows = new TreeMap<>();
    private final NavigableMap<Long, Long> slots = new TreeMap<>();
    private long newest;
    private long heardAt;
    private long closed = Long.MIN_VALUE;
    private long late;
    private long startedAt;
    private long judgedAt;
    private long judgedNewest;
    private boolean catchesUp;

    Windows(String table) {
        this.table = table;
        LENGTHS.forEach(length -> windows.put(length, new TreeMap<>()));
    }

    /**
     * Adds changes.
     *
     * @param time when the source made them: a multiple of {@link Beats#SLOT}
     * @param now our time
     */
    void add(long time, long count, long now) {
        long slot = time <= now + AHEAD ? time : now - now % Beats.SLOT;
        if (slot - slot % SECOND + SECOND <= closed) {
            late += count;
        }
        windows.forEach((length, all) -> {
            long start = slot - slot % length;
            boolean kept = all.size() < keep(length) || start >= all.firstKey();
            if (kept) {
                all.merge(start, count, Long::sum);
            }
            while (all.size() > keep(length)) {
                all.pollFirstEntry();
            }
        });
        slots.merge(slot, count, Long::sum);
        if (newest == 0 || heardAt == NOT_YET && judgedAt == 0) {
            newest = Math.max(newest, slot);
            judge(now);
        }
        if (slot >= newest) {
            newest = slot;
            heardAt = now;
        }
        slots.headMap(newest - (catchesUp ? APART : 2 * SECOND)).clear();
    }

    private static int keep(long length) {
        return KEPT.getOrDefault(length, 1);
    }

    /**
     * Closes what has ended by now. Not while the job catches up: then its tasks are seconds of the source's time apart, and
     * what one has not told yet is not late. Nor before the source has started anew after a restore.
     */
    void close(long now) {
        startedAt = startedAt == 0 ? now : startedAt;
        long elapsed = now - judgedAt;
        boolean fast = judgedAt > 0 && newest - judgedNewest > CATCHING_UP * elapsed + SECOND;
        catchesUp |= fast;
        if (judgedAt == 0 || elapsed >= JUDGED_EVERY) {
            catchesUp = fast;
            judge(now);
        }
        if (heardAt == NOT_YET && newest > 0 && now - startedAt >= START) {
            heardAt = now;
        }
        if (heardAt != NOT_YET && !catchesUp) {
            closed = Math.max(closed, clock(now) - GRACE);
        }
    }

    private void judge(long now) {
        judgedAt = now;
        judgedNewest = newest;
    }

    private long clock(long now) {
        return newest + Math.max(0, now - heardAt);
    }

    /** Changes in the last second: at once, and falling to zero while nothing comes. */
    long rate(long now) {
        long silence = now - heardAt;
        if (silence < SILENCE) {
            // the newest slot may be half full
            return Math.max(
                    between(newest - SECOND, newest), between(newest + Beats.SLOT - SECOND, newest + Beats.SLOT));
        }
        long end = newest + Beats.SLOT + silence - SILENCE;
        return between(end - SECOND, end);
    }

    private long between(long from, long to) {
        return slots.subMap(from, to).values().stream()
                .mapToLong(Long::longValue)
                .sum();
    }

    /** Changes in the newest closed window of a length. */
    long closedWindow(long length) {
        if (closed == Long.MIN_VALUE) {
            return 0;
        }
        long end = closed - Math.floorMod(closed, length);
        NavigableMap<Long, Long> all = windows.get(length);
        return all == null ? 0 : all.getOrDefault(end - length, 0L);
    }

    /** Changes that came when their window was closed. */
    long late() {
        return late;
    }

    /** What a checkpoint keeps. */
    void store(Consumer<Measure> to) {
        windows.forEach((length, all) -> all.forEach((start, count) -> to.accept(new Measure(
                new Measure.Name(Kind.WINDOW, table, List.of(Long.toString(length))),
                count,
                BigDecimal.ZERO,
                start,
                0))));
        // where the windows are closed, for without it nothing that comes after a restart would be late
        to.accept(new Measure(new Measure.Name(Kind.LATE, table, List.of()), late, BigDecimal.ZERO, closed, newest));
    }

    /** Takes back a measure that {@link #store} gave. */
    void restore(Measure measure) {
        if (measure.name().kind() == Kind.LATE) {
            late = measure.count();
            closed = measure.at();
            newest = Math.max(newest, measure.offset());
            return;
        }
        long length = Long.parseLong(measure.name().labels().get(0));
        NavigableMap<Long, Long> all = windows.get(length);
        if (all != null) {
            all.merge(measure.at(), measure.count(), Long::sum);
        }
    }
}
