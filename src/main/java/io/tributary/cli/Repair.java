package io.tributary.cli;

import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.SinkRepairs;
import io.tributary.sink.SinkView;
import io.tributary.source.ReplayTopic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Asks the running job for the rows that it has, which then take the place of those of a sink. */
final class Repair {
    private static final long POLL_MILLIS = 500;
    /** How long after a request the next is made, at first and at last. */
    private static final Duration FIRST_PATIENCE = Duration.ofSeconds(10);

    private static final Duration LONGEST_PATIENCE = Duration.ofSeconds(80);

    private final PipelineConfig config;
    private final Duration wait;
    private final Consumer<String> told;

    /**
     * Made for a pipeline.
     *
     * @param wait how long for the job's next complete checkpoints
     * @param told what became of each table, in a line
     */
    Repair(PipelineConfig config, Duration wait, Consumer<String> told) {
        this.told = told;
        this.config = config;
        this.wait = wait;
    }

    /**
     * Asks, and waits until the sinks that tell have the rows; current rows come with the checkpoint at which they are due.
     *
     * @throws UnreachableException if the job does not answer
     */
    void of(List<TableName> tables) {
        List<TableName> others = new ArrayList<>(tables);
        for (SinkView view : config.views()) {
            try (SinkRepairs repairs = view.repairs()) {
                others.removeIf(table -> repairs != null && view.exempt(table).isEmpty());
            }
        }
        if (!others.isEmpty()) {
            ReplayTopic.show(config.kafka(), others);
            others.forEach(table ->
                    told.accept("%s: asked for its rows; current/ has them when it is next due".formatted(table)));
        }
        for (SinkView view : config.views()) {
            try (SinkRepairs repairs = view.repairs()) {
                List<TableName> taken = tables.stream()
                        .filter(table -> view.exempt(table).isEmpty())
                        .toList();
                if (repairs == null || taken.isEmpty()) {
                    continue;
                }
                Map<String, Long> before = repairs.filled();
                for (TableName table : taken) {
                    if (!before.containsKey(table.toString())) {
                        throw new ConfigException("'--table' must have a %s, got '%s'; there are %s"
                                .formatted(
                                        view.word(),
                                        table,
                                        before.isEmpty() ? "none" : String.join(", ", before.keySet())));
                    }
                }
                ReplayTopic.show(config.kafka(), taken);
                await(view.word(), repairs, before, taken);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnreachableException("interrupted while waiting for the job");
            }
        }
    }

    private void await(String sink, SinkRepairs repairs, Map<String, Long> before, List<TableName> tables)
            throws InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        long patience = FIRST_PATIENCE.toNanos();
        long again = System.nanoTime() + patience;
        List<TableName> waiting = new ArrayList<>(tables);
        while (!waiting.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
            if (System.nanoTime() > again) {
                // rows of a job that was behind the sink, or ended before it had given them, are not taken
                ReplayTopic.show(config.kafka(), waiting);
                patience = Math.min(2 * patience, LONGEST_PATIENCE.toNanos());
                again = System.nanoTime() + patience;
            }
            Map<String, Long> now = new HashMap<>(repairs.filled());
            waiting.removeIf(table -> {
                String name = table.toString();
                boolean isFilled = now.getOrDefault(name, 0L) > before.getOrDefault(name, 0L);
                if (isFilled) {
                    told.accept("%s: its %s has the rows that the job has".formatted(name, sink));
                }
                return isFilled;
            });
        }
        if (!waiting.isEmpty()) {
            throw new UnreachableException(
                    "no answer within %,d s for %s: does the job run, do its checkpoints complete, and has it come as far as the %s? Then ask again, or wait longer (--wait)"
                            .formatted(wait.toSeconds(), waiting, sink));
        }
    }
}
