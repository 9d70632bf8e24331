package io.tributary.metrics;

import io.tributary.change.Change;
import io.tributary.change.Operation;
import io.tributary.change.TableSchema;
import io.tributary.flow.Measure;
import io.tributary.flow.Measure.Kind;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Counts when the source made its changes: each event that was applied once, however many changes it became, without the
 * rows of a snapshot and what the changelog made itself.
 */
final class Beats {
    /** In milliseconds. */
    static final long SLOT = 100;

    private final Map<String, Beat> tables = new HashMap<>();
    private long lastSchema;
    private Beat last = new Beat("", "");

    private static final class Beat {
        final String table;
        final List<String> topic;
        final Map<Long, Long> slots = new HashMap<>();
        long newest;
        int partition = -1;
        long offset = -1;
        long slot = -1;
        long count;

        Beat(String table, String topic) {
            this.table = table;
            this.topic = List.of(topic);
        }

        void flush() {
            if (count > 0) {
                slots.merge(slot, count, Long::sum);
                count = 0;
            }
        }
    }

    void add(Change change) {
        TableSchema schema = change.schema;
        if (schema.id() != lastSchema) {
            lastSchema = schema.id();
            last = tables.computeIfAbsent(
                    schema.topic(), topic -> new Beat(schema.table().toString(), topic));
        }
        Beat beat = last;
        boolean same = beat.offset == change.offset && beat.partition == change.partition;
        beat.offset = change.offset;
        beat.partition = change.partition;
        if (change.sourceMillis <= 0) {
            return;
        }
        if (change.replay < 0) {
            beat.newest = Math.max(beat.newest, change.sourceMillis);
        }
        if (same || change.snapshot || change.operation == Operation.READ) {
            return;
        }
        long slot = change.sourceMillis - change.sourceMillis % SLOT;
        if (slot != beat.slot) {
            beat.flush();
            beat.slot = slot;
        }
        beat.count++;
    }

    void drain(Consumer<Measure> to) {
        for (Beat beat : tables.values()) {
            beat.flush();
            beat.slots.forEach((slot, count) -> to.accept(new Measure(
                    new Measure.Name(Kind.CHANGES, beat.table, beat.topic), count, BigDecimal.ZERO, slot, 0)));
            beat.slots.clear();
            if (beat.newest > 0) {
                to.accept(new Measure(
                        new Measure.Name(Kind.NEWEST, beat.table, beat.topic), 0, BigDecimal.ZERO, beat.newest, 0));
                beat.newest = 0; // of what came since: behind a heartbeat, older rows still tell that the job lags
            }
        }
    }
}
