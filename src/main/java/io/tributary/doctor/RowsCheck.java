package io.tributary.doctor;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.MetricName;
import io.tributary.flow.Shown;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.SinkCounts;
import io.tributary.source.KafkaProbe;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Whether mirrors have as many rows as the job knows of. */
final class RowsCheck {
    /** With what lies between them longer than a checkpoint and its transaction in the warehouse take, or a load would be a difference. */
    private static final int LOOKS = 13;

    private static final long BETWEEN_MILLIS = 2_500;

    private final Positions positions;
    private final List<String> metrics;
    private final long betweenMillis;

    RowsCheck(Positions positions, String metrics) {
        this(positions, metrics, BETWEEN_MILLIS);
    }

    /** @param betweenMillis between two looks */
    RowsCheck(Positions positions, String metrics, long betweenMillis) {
        this.betweenMillis = betweenMillis;
        this.positions = positions;
        this.metrics = List.of(metrics.split(",", -1));
    }

    /** A mirror that differs each time. */
    private record Difference(TableName table, long ofMirror, long ofJob) {
        void tell(Findings to) {
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

    /** What the job's metrics say of all tables. */
    private record Known(Map<String, Double> rows, Map<String, Double> changes, Map<String, Double> waiting) {
        long rows(TableName table) {
            return rows.getOrDefault(table.toString(), 0.0).longValue();
        }

        boolean isAsIn(Known other, TableName table) {
            return Objects.equals(rows.get(table.toString()), other.rows.get(table.toString()))
                    && Objects.equals(changes.get(table.toString()), other.changes.get(table.toString()));
        }

        /** A sink tells its mirrors by the names that they have there. */
        boolean isWaiting(TableName table, TableName mirror) {
            return waiting.getOrDefault(table.toString(), 0.0) > 0 || waiting.getOrDefault(mirror.toString(), 0.0) > 0;
        }
    }

    /** Says nothing where the job's metrics, Kafka or the sink cannot be asked: others do. */
    void look(SinkCounts mirrors, Findings to) {
        try {
            Known first = known();
            Set<TableName> tables = new LinkedHashSet<>(mirrors.shown().keySet());
            tables.removeIf(table -> !first.rows().containsKey(table.toString()));
            Collection<Difference> found = differences(mirrors, tables, first, to);
            for (int look = 1; look < LOOKS && !found.isEmpty(); look++) {
                Thread.sleep(betweenMillis);
                tables.retainAll(found.stream().map(Difference::table).toList());
                found = differences(mirrors, tables, first, to);
            }
            found.forEach(difference -> difference.tell(to));
        } catch (UnreachableException | IOException | IllegalArgumentException e) {
            // the metrics, or the sink, are away: their own checks name them
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Those of the tables that differ: where nothing comes, by a row; else by more than the records that may lie between what both have. */
    private Collection<Difference> differences(SinkCounts mirrors, Set<TableName> tables, Known first, Findings to)
            throws IOException {
        Map<TableName, Map<SourcePartition, Long>> shown = mirrors.shown();
        Known before = known();
        Map<TableName, Long> counts = new HashMap<>();
        Map<TableName, Boolean> upToDate = new HashMap<>();
        for (TableName table : List.copyOf(tables)) {
            try {
                if (mirrors.has(table)) {
                    counts.put(table, mirrors.count(table));
                    upToDate.put(table, mirrors.isUpToDate(table));
                    continue;
                }
                to.wrong(
                        "the mirror of %s is not there".formatted(table),
                        "./tributary repair --table %s makes it again, with the job's rows".formatted(table));
            } catch (IOException e) {
                to.warning(
                        "the rows of the mirror of %s are not counted: %s".formatted(table, Shown.message(e)),
                        "./tributary audit --table %s compares all of them".formatted(table));
            }
            tables.remove(table);
        }
        Known after = known();
        Optional<KafkaProbe> topics = positions.topics();
        Map<String, Difference> found = new TreeMap<>();
        counts.forEach((table, count) -> topics.filter(there ->
                        there.isPast(shown.getOrDefault(table, Map.of()))) // else it comes to where the mirror is
                .ifPresent(there -> {
                    boolean isStill = Boolean.TRUE.equals(upToDate.get(table))
                            && after.isAsIn(first, table)
                            && !after.isWaiting(table, mirrors.nameOf(table));
                    long between = isStill ? 0 : there.behind(shown.getOrDefault(table, Map.of()));
                    if (count < Math.min(before.rows(table), after.rows(table)) - between
                            || count > Math.max(before.rows(table), after.rows(table)) + between) {
                        found.put(table.toString(), new Difference(table, count, after.rows(table)));
                    }
                }));
        return found.values();
    }

    private Known known() throws IOException {
        Metrics all = Metrics.read(metrics);
        Metrics own = positions.job().map(all::ofJob).orElse(all);
        return new Known(
                own.sums(MetricName.ROWS.template(), "table"),
                own.sums(MetricName.TRANSACTIONS.template(), "table"),
                own.byLabel(MetricName.SINK_WAITING.template(), "table"));
    }
}
