package io.tributary.init;

import io.tributary.change.ColumnType;
import io.tributary.connect.DatabaseTable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Columns of PostgreSQL's {@code numeric} without a precision: no sink has such a type, so they would be text. What a table's first rows
 * have says which decimal they may be; one that does not fit later makes the column text, and nothing is rounded.
 */
final class Numbers {
    private static final int ROWS = 10_000;
    /** Digits after the point: the first that is enough; the one where there is no row. */
    private static final int[] SCALES = {2, 4, 6, 10, 18};

    private static final int UNKNOWN_SCALE = 10;

    private Numbers() {}

    /** By table, as {@code schema.name}, and column: a type of the pipeline file. */
    static Map<String, Map<String, String>> of(Connection connection, List<DatabaseTable> tables) throws SQLException {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        for (DatabaseTable table : tables) {
            List<String> columns = table.isReadable() ? columns(connection, table) : List.of();
            if (!columns.isEmpty()) {
                Map<String, String> types = sample(connection, table, columns);
                if (!types.isEmpty()) {
                    all.put(table.text(), types);
                }
            }
        }
        return all;
    }

    private static List<String> columns(Connection connection, DatabaseTable table) throws SQLException {
        List<String> columns = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                select attname from pg_attribute where attrelid = ?::regclass and atttypid = 'numeric'::regtype
                and atttypmod = -1 and attnum > 0 and not attisdropped order by attnum""")) {
            statement.setString(1, table.quoted());
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    columns.add(row.getString(1));
                }
            }
        }
        return columns;
    }

    private static Map<String, String> sample(Connection connection, DatabaseTable table, List<String> columns)
            throws SQLException {
        String most = columns.stream()
                .map(DatabaseTable::quote)
                .map(column -> "max(scale(%1$s)), max(length(trunc(abs(%1$s))::text))".formatted(column))
                .collect(Collectors.joining(", "));
        String names = columns.stream().map(DatabaseTable::quote).collect(Collectors.joining(", "));
        Map<String, String> types = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "select %s from (select %s from %s limit %d) t".formatted(most, names, table.quoted(), ROWS))) {
            row.next();
            for (int i = 0; i < columns.size(); i++) {
                int scale = row.getInt(2 * i + 1);
                boolean isKnown = !row.wasNull();
                int chosen = isKnown ? chosen(scale) : UNKNOWN_SCALE;
                if (chosen >= 0 && row.getInt(2 * i + 2) + chosen <= ColumnType.MAX_PRECISION) {
                    types.put(
                            columns.get(i),
                            ColumnType.decimal(ColumnType.MAX_PRECISION, chosen).toString());
                }
            }
        }
        return types;
    }

    private static int chosen(int scale) {
        for (int enough : SCALES) {
            if (enough >= scale) {
                return enough;
            }
        }
        return -1;
    }
}
