package io.tributary.warehouse;

import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What writers have staged for one mirror, in parts: which rows of the staging table they are, and in which order. */
final class StagedParts {
    private StagedParts() {}

    /**
     * The parts in groups that have one key each, in the order in which the table had them: a key may have been added, dropped
     * or altered on the way. Mostly it is one group.
     */
    static List<List<StagedRows>> byKey(List<StagedRows> parts) {
        Map<Long, Deque<StagedRows>> byWriter = new TreeMap<>();
        parts.stream().sorted(Comparator.comparingLong(StagedRows::firstSeq)).forEach(part -> byWriter.computeIfAbsent(
                        writer(part), w -> new ArrayDeque<>())
                .add(part));
        List<List<StagedRows>> groups = new ArrayList<>();
        while (true) {
            StagedRows first = null;
            for (Deque<StagedRows> waiting : byWriter.values()) {
                StagedRows next = waiting.peek();
                if (next != null && (first == null || next.begins() < first.begins())) {
                    first = next;
                }
            }
            if (first == null) {
                return groups;
            }
            List<StagedRows> group = new ArrayList<>();
            for (Deque<StagedRows> waiting : byWriter.values()) {
                while (!waiting.isEmpty() && waiting.element().key().equals(first.key())) {
                    group.add(waiting.remove());
                }
            }
            groups.add(group);
        }
    }

    private static long writer(StagedRows part) {
        return part.firstSeq() >> OwnColumns.ROW_BITS;
    }

    /** The part that comes farthest: its rows have the table's present columns and key. */
    static StagedRows newest(List<StagedRows> parts) {
        StagedRows newest = parts.get(0);
        for (StagedRows part : parts) {
            newest = part.ends() >= newest.ends() ? part : newest;
        }
        return newest;
    }

    /** How many of the parts' rows are in the staging table. */
    static long count(Connection connection, Dialect dialect, String stage, List<StagedRows> parts)
            throws SQLException {
        String count = "SELECT COUNT(*) FROM " + stage + " s WHERE " + within(dialect, parts);
        return Long.parseLong(Session.query(connection, count).get(0).get(0));
    }

    /** Whether a row {@code s} of the staging table is of the parts: what one writer staged between two is one of them too. */
    static String within(Dialect dialect, List<StagedRows> parts) {
        String seq = "s." + dialect.quoted(dialect.own(OwnColumns.SEQ));
        Map<Long, OffsetRange> byWriter = new TreeMap<>();
        parts.forEach(part ->
                byWriter.merge(writer(part), new OffsetRange(part.firstSeq(), part.lastSeq()), OffsetRange::with));
        List<String> ranges = new ArrayList<>();
        byWriter.values()
                .forEach(range -> ranges.add("(" + seq + " BETWEEN " + range.first() + " AND " + range.last() + ")"));
        String offset = "s." + dialect.quoted(dialect.own("cdc_offset"));
        boolean areWhole = !parts.isEmpty() && parts.get(0).whole() != null;
        return "((" + String.join(" OR ", ranges) + ") AND " + offset + (areWhole ? " = " : " < ")
                + StagedRows.WHOLE_OFFSET + ")";
    }

    /**
     * Takes out of a staging table what the fences cover: the rows that were applied, and those of attempts that failed.
     *
     * @return how many they were
     */
    static long clear(Connection connection, Dialect dialect, TableName stage, Map<SourcePartition, Long> ends)
            throws SQLException {
        if (ends.isEmpty()) {
            return 0;
        }
        String topic = dialect.quoted(dialect.own("cdc_topic"));
        String partition = dialect.quoted(dialect.own("cdc_partition"));
        String offset = dialect.quoted(dialect.own("cdc_offset"));
        List<String> conditions = new ArrayList<>();
        List<Object> values = new ArrayList<>();
        ends.forEach((place, end) -> {
            conditions.add("(" + topic + " = ? AND " + partition + " = ? AND " + offset + " < ?)");
            values.add(place.topic());
            values.add(place.partition());
            values.add(end);
        });
        return Session.update(
                connection,
                "DELETE FROM " + dialect.quoted(stage) + " WHERE " + String.join(" OR ", conditions),
                values.toArray());
    }

    /** Takes out of a staging table all rows that were to take the place of a mirror's: of attempts that failed too. */
    static void dropWholes(Connection connection, Dialect dialect, TableName stage) throws SQLException {
        Session.update(
                connection,
                "DELETE FROM " + dialect.quoted(stage) + " WHERE " + dialect.quoted(dialect.own("cdc_offset")) + " = ?",
                StagedRows.WHOLE_OFFSET);
    }

    /** Takes out of a staging table what the parts staged there, if it is there. */
    static void drop(Connection connection, Dialect dialect, TableName stage, List<StagedRows> parts)
            throws SQLException {
        if (!parts.isEmpty() && !dialect.columns(connection, stage).isEmpty()) {
            Session.update(connection, "DELETE FROM " + dialect.quoted(stage) + " s WHERE " + within(dialect, parts));
        }
    }

    /** All columns that any staged row has. */
    static Set<String> columns(List<StagedRows> parts) {
        Set<String> columns = new LinkedHashSet<>(newest(parts).columns());
        parts.forEach(part -> columns.addAll(part.allColumns()));
        return columns;
    }
}
