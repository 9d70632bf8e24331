package io.tributary.doctor;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.MetricName;
import io.tributary.source.KafkaProbe;
import io.tributary.warehouse.MirrorReader;
import io.tributary.warehouse.WarehouseSettings;
import java.io.IOException;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
            found.putAll(differences(mirrors));
            for (int look = 1; look < LOOKS && !found.isEmpty(); look++) {
                Thread.sleep(BETWEEN_MILLIS);
                found.keySet().retainAll(differences(mirrors).keySet());
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

    /** Mirrors that differ from the job by more than what may lie between the offsets that each has come to. */
    private Map<TableName, Difference> differences(MirrorReader mirrors) throws SQLException, IOException {
        Map<String, Double> before = rows();
        Map<TableName, Map<SourcePartition, Long>> shown = mirrors.ends();
        shown.keySet().removeIf(table -> !before.containsKey(table.toString()));
        Map<TableName, Long> counts = new LinkedHashMap<>();
        for (TableName table : shown.keySet()) {
            counts.put(table, mirrors.count(table));
        }
        Map<String, Double> after = rows();
        Optional<KafkaProbe> topics = positions.topics();
        Map<TableName, Difference> found = new LinkedHashMap<>();
        counts.forEach((table, count) -> topics.ifPresent(there -> {
            long one = before.getOrDefault(table.toString(), 0.0).longValue();
            long other = after.getOrDefault(table.toString(), 0.0).longValue();
            long between = there.behind(shown.getOrDefault(table, Map.of()));
            if (count < Math.min(one, other) - between || count > Math.max(one, other) + between) {
                found.put(table, new Difference(count, other));
            }
        }));
        return found;
    }

    private Map<String, Double> rows() throws IOException {
        return Metrics.read(metrics).sums(MetricName.ROWS.template(), "table");
    }
}
