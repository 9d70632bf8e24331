package io.tributary.doctor;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.MetricName;
import io.tributary.source.KafkaProbe;
import io.tributary.warehouse.MirrorReader;
import io.tributary.warehouse.WarehouseSettings;
import java.io.IOException;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** Whether mirrors have as many rows as the job knows of. */
final class RowsCheck {
    private static final int PATIENCE_MILLIS = 10_000;
    private static final int LOOKS = 3;
    /** The metrics of a checkpoint, and its rows, come one after the other. */
    private static final long BETWEEN_MILLIS = 1_000;

    private final WarehouseSettings warehouse;
    private final Positions positions;
    private final List<String> metrics;

    RowsCheck(WarehouseSettings warehouse, Positions positions, String metrics) {
        this.warehouse = warehouse;
        this.positions = positions;
        this.metrics = List.of(metrics.split(",", -1));
    }

    /** Says nothing of what cannot be asked: others do. */
    void look(Findings to) {
        Map<TableName, Difference> found = new LinkedHashMap<>();
        try (MirrorReader mirrors = new MirrorReader(warehouse, PATIENCE_MILLIS)) {
            Map<String, Double> changes = Metrics.read(metrics).sums(MetricName.TRANSACTIONS.template(), "table");
            for (int look = 0; look < LOOKS; look++) {
                Map<TableName, Difference> now = differences(mirrors, changes);
                if (look == 0) {
                    found.putAll(now);
                }
                found.keySet().retainAll(now.keySet());
                if (found.isEmpty()) {
                    return;
                }
                Thread.sleep(BETWEEN_MILLIS);
            }
        } catch (SQLException e) {
            to.ok("the rows of the mirrors are not counted: " + Shown.message(e));
            return;
        } catch (IOException | IllegalArgumentException e) {
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        found.forEach((table, difference) -> difference.tell(table, to));
    }

    /** More than what the job and the mirror are apart. */
    private record Difference(long ofMirror, long ofJob) {
        void tell(TableName table, Findings to) {
            String what = "the mirror of %s has %,d rows, and the job knows of %,d".formatted(table, ofMirror, ofJob);
            if (ofMirror < ofJob) {
                to.wrong(
                        what,
                        "./tributary repair --table %s fills it with the job's rows, without a new snapshot"
                                .formatted(table));
            } else {
                to.warning(
                        what,
                        "./tributary audit says which are too many; a job that began where the topic has no longer all knows of fewer,"
                                + " until ./tributary connectors snapshot %s".formatted(table));
            }
        }
    }

    /**
     * Mirrors that differ from the job: where nothing comes, by a row; else by more than the records that may lie between what both have.
     *
     * @param changes of each table, when it was looked first
     */
    private Map<TableName, Difference> differences(MirrorReader mirrors, Map<String, Double> changes)
            throws SQLException, IOException {
        Metrics before = Metrics.read(metrics);
        Map<TableName, Map<SourcePartition, Long>> shown = mirrors.ends();
        shown.keySet().removeIf(table -> !rows(before).containsKey(table.toString()));
        Map<TableName, Long> counts = new LinkedHashMap<>();
        Set<TableName> still = new HashSet<>();
        for (TableName table : shown.keySet()) {
            counts.put(table, mirrors.count(table));
            if (mirrors.isUpToDate(table)) {
                still.add(table);
            }
        }
        Metrics after = Metrics.read(metrics);
        Map<String, Double> now = after.sums(MetricName.TRANSACTIONS.template(), "table");
        Map<String, Double> waiting = after.byLabel(MetricName.SINK_WAITING.template(), "table");
        Optional<KafkaProbe> topics = positions.topics();
        Map<TableName, Difference> found = new LinkedHashMap<>();
        counts.forEach((table, count) -> {
            String name = table.toString();
            long one = rows(before).getOrDefault(name, 0.0).longValue();
            long other = rows(after).getOrDefault(name, 0.0).longValue();
            boolean isStill = still.contains(table)
                    && Objects.equals(changes.get(name), now.get(name))
                    && waiting.getOrDefault(name, 0.0) == 0;
            long between = isStill
                    ? 0
                    : topics.map(there -> there.behind(shown.getOrDefault(table, Map.of())))
                            .orElse(Long.MAX_VALUE / 2);
            if (count < Math.min(one, other) - between || count > Math.max(one, other) + between) {
                found.put(table, new Difference(count, other));
            }
        });
        return found;
    }

    private static Map<String, Double> rows(Metrics metrics) {
        return metrics.sums(MetricName.ROWS.template(), "table");
    }
}
