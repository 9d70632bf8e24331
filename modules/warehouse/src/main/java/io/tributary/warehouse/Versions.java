package io.tributary.warehouse;

import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The view over a history that has, for each version of a row, from when to when it was valid (a slowly changing dimension of
 * type 2). What ends a version is the next change of its key, or a truncate.
 */
final class Versions {
    private static final List<String> OWN = List.of("valid_from", "valid_to", "is_current");

    private final Dialect dialect;
    private final TableName history;
    private final TableName view;

    Versions(Dialect dialect, TableName mirror) {
        this.dialect = dialect;
        this.history = OwnColumns.history(dialect, mirror);
        this.view = new TableName(
                mirror.schema(), Names.within(mirror.table() + dialect.own("_versions"), dialect.longestName()));
    }

    /** Takes the view away, if it is there: some warehouses do not alter the columns that one has. */
    void drop(Connection connection) throws SQLException, WarehouseConflictException {
        if (!found(connection).isEmpty()) {
            Session.define(connection, dialect, "DROP VIEW IF EXISTS " + dialect.quoted(view));
        }
    }

    /**
     * Makes the view have all columns of the history; nothing where it has them.
     *
     * @param columns those of the history
     * @param key names of some of them; without one there is no view
     */
    void bring(Connection connection, Collection<String> columns, List<String> key)
            throws SQLException, WarehouseConflictException {
        if (key.isEmpty()) {
            drop(connection);
            return;
        }
        Set<String> wanted = new LinkedHashSet<>();
        OWN.forEach(name -> wanted.add(named(name, columns)));
        wanted.addAll(key); // so that a view by another key is seen to be another
        wanted.addAll(columns);
        List<String> all = List.copyOf(wanted);
        List<String> found = found(connection);
        if (found.equals(all)) {
            return;
        }
        if (found.size() > all.size() || !all.subList(0, found.size()).equals(found)) {
            drop(connection);
        }
        Session.define(
                connection, dialect, "CREATE OR REPLACE VIEW " + dialect.quoted(view) + " AS " + select(all, key));
    }

    /** The columns of the view; none if it is not there. */
    private List<String> found(Connection connection) throws SQLException, WarehouseConflictException {
        List<String> found = List.copyOf(dialect.columns(connection, view).keySet());
        if (!found.isEmpty() && !(found.size() > 2 && found.get(2).startsWith(dialect.own("is_current")))) {
            throw new WarehouseConflictException(
                    "%s is there and is not the view over %s: give it or the mirror another name, or the table 'history: false'"
                            .formatted(view, history));
        }
        return found;
    }

    /** The source may have a column of that name, in whatever case. */
    private String named(String name, Collection<String> columns) {
        String own = dialect.own(name);
        while (columns.stream().anyMatch(own::equalsIgnoreCase)) {
            own += "_";
        }
        return own;
    }

    private String select(List<String> all, List<String> key) {
        String time = own("cdc_timestamp");
        String op = own("cdc_op");
        String seq = own(OwnColumns.SEQ);
        String next = "LEAD(h." + time + ") OVER (PARTITION BY "
                + String.join(
                        ", ",
                        key.stream().map(name -> "h." + dialect.quoted(name)).toList())
                + " ORDER BY h." + seq + ")";
        String truncated = "MIN(CASE WHEN h." + op + " = 't' THEN h." + time + " END) OVER (ORDER BY "
                + dialect.positionPart("h." + own("cdc_position"), 3) + ", h." + seq
                + " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)";
        // where one of both is null, the least is null to some warehouses
        String end = "COALESCE(LEAST(v.cdc_next, v.cdc_truncated), v.cdc_next, v.cdc_truncated)";
        List<String> values = new ArrayList<>();
        List<String> expressions = List.of("v." + time, end, end + " IS NULL");
        for (int i = 0; i < all.size(); i++) {
            String name = dialect.quoted(all.get(i));
            values.add(i < expressions.size() ? expressions.get(i) + " AS " + name : "v." + name);
        }
        return "SELECT " + String.join(", ", values) + " FROM (SELECT h.*, " + next + " AS cdc_next, " + truncated
                + " AS cdc_truncated FROM " + dialect.quoted(history) + " h WHERE h." + own("cdc_position")
                + " NOT LIKE '%" + StagedRows.LATE + "') v WHERE v." + op + " NOT IN ('d', 't')";
    }

    private String own(String name) {
        return dialect.quoted(dialect.own(name));
    }
}
