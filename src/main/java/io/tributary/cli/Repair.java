package io.tributary.cli;

import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.source.ReplayTopic;
import io.tributary.warehouse.WarehouseProbe;
import io.tributary.warehouse.WarehouseSettings;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Asks the running job for the rows that it has, which then take the place of those of a sink. */
final class Repair {
    private static final long POLL_MILLIS = 500;

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
     * Asks, and waits until the mirrors have the rows; current rows come with the checkpoint at which they are due.
     *
     * @throws UnreachableException if the job does not answer
     */
    void of(List<TableName> tables) {
        WarehouseSettings warehouse = config.warehouse();
        List<TableName> mirrored = tables.stream()
                .filter(table -> warehouse != null && warehouse.hasMirror(table))
                .toList();
        List<TableName> others = new ArrayList<>(tables);
        others.removeAll(mirrored);
        if (!others.isEmpty()) {
            ReplayTopic.show(config.kafka(), others);
            others.forEach(table ->
                    told.accept("%s: asked for its rows; current/ has them when it is next due".formatted(table)));
        }
        if (warehouse == null || mirrored.isEmpty()) {
            return;
        }
        try (WarehouseProbe probe = new WarehouseProbe(warehouse)) {
            Map<String, Long> before = probe.repairs();
            for (TableName table : mirrored) {
                if (!before.containsKey(table.toString())) {
                    throw new ConfigException("'--table' must have a mirror, got '%s'; there are %s"
                            .formatted(table, before.isEmpty() ? "none" : String.join(", ", before.keySet())));
                }
            }
            ReplayTopic.show(config.kafka(), mirrored);
            await(probe, before, mirrored);
        } catch (SQLException e) {
            throw new UnreachableException(
                    "cannot read the ledger at 'sinks.warehouse.url' " + warehouse.place() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting for the job");
        }
    }

    private void await(WarehouseProbe probe, Map<String, Long> before, List<TableName> tables)
            throws SQLException, InterruptedException {
        long end = System.nanoTime() + wait.toNanos();
        List<TableName> waiting = new ArrayList<>(tables);
        while (!waiting.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(POLL_MILLIS);
            Map<String, Long> now = new HashMap<>(probe.repairs());
            waiting.removeIf(table -> {
                String name = table.toString();
                boolean isFilled = now.getOrDefault(name, 0L) > before.getOrDefault(name, 0L);
                if (isFilled) {
                    told.accept("%s: its mirror has the rows that the job has".formatted(name));
                }
                return isFilled;
            });
        }
        if (!waiting.isEmpty()) {
            throw new UnreachableException(
                    "no answer within %,d s for %s: the request stays; does the job run, do its checkpoints complete, and has it come as far as the mirror?"
                            .formatted(wait.toSeconds(), waiting));
        }
    }
}
