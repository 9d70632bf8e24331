package io.tributary.audit;

import io.tributary.change.TableName;
import io.tributary.expression.ExpressionException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table of PostgreSQL: its columns and, on demand, its rows.
 *
 * @param key the names of the primary key's columns, in its order
 */
record SourceTable(TableName name, List<SourceColumn> columns, List<String> key) {
    private static final int FETCH = 1000;

    /** @param type as PostgreSQL's {@code format_type} spells it */
    record SourceColumn(String name, Canonical canonical, String type) {
        private boolean isArray() {
            return type.endsWith("[]");
        }

        /** Of an array the elements' own texts: JSON has none of its own for most types. */
        String expression() {
            return isArray() ? "to_json(" + quoted(name) + "::text[])::text" : canonical.expression(quoted(name));
        }

        /** The canonical text of a value of either side. */
        @Nullable
        String text(@Nullable Object value) {
            return isArray() ? canonical.array(value) : canonical.text(value);
        }
    }

    /** The tables that are there, in order. */
    static List<TableName> all(Connection connection) throws SQLException {
        List<TableName> tables = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("""
                select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where c.relkind in ('r', 'p') and not c.relispartition and n.nspname !~ '^pg_'
                  and n.nspname <> 'information_schema'
                  and not (n.nspname = 'tributary' and c.relname = 'debezium_signal') -- what connectors are told is no data
                order by 1, 2
                """)) {
            while (rows.next()) {
                tables.add(new TableName(rows.getString(1), rows.getString(2)));
            }
        }
        return tables;
    }

    /** Reads the table's definition. */
    static SourceTable of(Connection connection, TableName name) throws SQLException {
        List<SourceColumn> columns = new ArrayList<>();
        List<String> key = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                select a.attname,
                       case when t.typtype = 'd' then format_type(t.typbasetype, t.typtypmod) else format_type(a.atttypid, a.atttypmod) end,
                       array_position(i.indkey::int[], a.attnum::int)
                from pg_attribute a
                join pg_type t on t.oid = a.atttypid
                join pg_class c on c.oid = a.attrelid
                join pg_namespace n on n.oid = c.relnamespace
                left join pg_index i on i.indrelid = c.oid and i.indisprimary
                where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped
                  and a.attgenerated = ''
                order by a.attnum
                """)) {
            statement.setString(1, name.schema());
            statement.setString(2, name.table());
            List<String> positions = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String type = rows.getString(2);
                    columns.add(new SourceColumn(rows.getString(1), Canonical.of(type), type));
                    if (rows.getString(3) != null) {
                        positions.add("%05d %s".formatted(rows.getInt(3), rows.getString(1)));
                    }
                }
            }
            positions.stream().sorted().forEach(p -> key.add(p.substring(6)));
        }
        return new SourceTable(name, columns, key);
    }

    /**
     * All rows that sinks should have, streamed from one snapshot.
     *
     * @param where null where they should have all
     */
    RowDigests read(Connection connection, @Nullable SourceCondition where) throws SQLException {
        RowDigests digests = new RowDigests();
        read(connection, where, digests::undecided, (key, values) -> digests.put(key, RowDigests.of(values)));
        return digests;
    }

    /** The canonical texts of the rows of some keys. */
    Map<String, List<@Nullable String>> texts(Connection connection, Set<String> keys) throws SQLException {
        Map<String, List<@Nullable String>> texts = new HashMap<>();
        read(connection, null, (key, why) -> {}, (key, values) -> {
            if (keys.contains(key)) {
                texts.put(key, values);
            }
        });
        return texts;
    }

    private void read(
            Connection connection,
            @Nullable SourceCondition where,
            BiConsumer<String, String> undecided,
            BiConsumer<String, List<@Nullable String>> out)
            throws SQLException {
        List<SourceColumn> asked = new ArrayList<>(columns);
        asked.addAll(where == null ? List.of() : where.needed());
        String select = "select " + asked.stream().map(SourceColumn::expression).collect(Collectors.joining(", "))
                + " from " + quoted(name.schema()) + "." + quoted(name.table());
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false); // else the driver fetches all rows at once
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCH);
            try (ResultSet rows = statement.executeQuery(select)) {
                while (rows.next()) {
                    take(rows, where, undecided, out);
                }
            }
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }

    private void take(
            ResultSet rows,
            @Nullable SourceCondition where,
            BiConsumer<String, String> undecided,
            BiConsumer<String, List<@Nullable String>> out)
            throws SQLException {
        List<@Nullable String> values = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            values.add(columns.get(i).text(rows.getString(i + 1)));
        }
        if (where != null) {
            List<@Nullable String> asked = new ArrayList<>();
            for (int i = 0; i < where.needed().size(); i++) {
                asked.add(rows.getString(columns.size() + i + 1));
            }
            try {
                if (!where.isTrue(asked)) {
                    return;
                }
            } catch (ExpressionException e) {
                undecided.accept(keyOf(values), String.valueOf(e.getMessage()));
                return;
            }
        }
        out.accept(keyOf(values), values);
    }

    /** The same with some of its columns only; without its key where that is not whole among them. */
    SourceTable only(Set<String> names) {
        return new SourceTable(
                name,
                columns.stream().filter(column -> names.contains(column.name())).toList(),
                names.containsAll(key) ? key : List.of());
    }

    /** A row of a sink in the canonical texts of the source's columns. */
    List<@Nullable String> texts(Map<String, @Nullable Object> row) {
        List<@Nullable String> texts = new ArrayList<>();
        columns.forEach(column -> texts.add(column.text(row.get(column.name()))));
        return texts;
    }

    /** The key as a message names it: {@code region=eu order_no=7}; all columns are it in a table without one. */
    String keyOf(List<@Nullable String> values) {
        StringBuilder text = new StringBuilder();
        List<String> named =
                key.isEmpty() ? columns.stream().map(SourceColumn::name).toList() : key;
        for (String column : named) {
            for (int i = 0; i < columns.size(); i++) {
                if (columns.get(i).name().equals(column)) {
                    text.append(text.isEmpty() ? "" : " ")
                            .append(column)
                            .append('=')
                            .append(values.get(i));
                }
            }
        }
        return text.toString();
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
