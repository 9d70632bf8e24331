package io.tributary.local;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * Brings CSV files into PostgreSQL: a file is a table of its name, its header the columns. A table that is not there is made, and a
 * column that it lacks added, in the narrowest type that all values of the file have; rows are inserted or updated by their key, and
 * those that are as they were are left alone. A line that does not fit is left out and told.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc4180">RFC 4180</a>
 */
public final class CsvImport {
    private static final String ENDING = ".csv";
    private static final int BATCH = 1_000;
    private static final CSVFormat FORMAT = CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setIgnoreEmptyLines(true)
            .get();

    private final Connection connection;
    private final String schema;
    private final String key;
    /** By column of the table that there is: digits after the point that it keeps; PostgreSQL rounds what has more. */
    private final Map<String, Integer> fractions = new HashMap<>();

    /** @param key the column that rows are known by */
    public CsvImport(Connection connection, String schema, String key) {
        this.connection = connection;
        this.schema = schema;
        this.key = key;
    }

    /**
     * What became of a file.
     *
     * @param rows how many fit
     * @param made columns and types that were made, empty if all were there
     * @param bad the lines that did not fit, each with why
     */
    public record Outcome(String table, long rows, Map<String, String> made, List<String> bad) {}

    /** A file that is no table. */
    public static final class NoTableException extends Exception {
        NoTableException(Path file, String why) {
            super(file + ": " + why);
        }
    }

    /** The files of a folder that are tables. */
    public static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.getFileName().toString().endsWith(ENDING))
                    .sorted()
                    .toList();
        }
    }

    /** The table of a file. */
    public static String table(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.substring(0, name.length() - ENDING.length());
    }

    /**
     * Brings a file in, in one transaction.
     *
     * @throws NoTableException if it has no header with the key
     */
    public Outcome load(Path file) throws IOException, SQLException, NoTableException {
        String table = table(file);
        boolean autoCommit = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try {
            Map<String, String> found = types(file);
            Map<String, String> there = columns(table);
            Map<String, String> made = make(table, there, found);
            Map<String, String> types = new LinkedHashMap<>();
            found.forEach((column, type) -> types.put(column, there.getOrDefault(column, type)));
            List<String> bad = new ArrayList<>();
            long rows = rows(file, table, types, bad);
            connection.commit();
            return new Outcome(schema + "." + table, rows, made, bad);
        } finally {
            connection.rollback();
            connection.setAutoCommit(autoCommit);
        }
    }

    private static CSVParser open(Path file) throws IOException, NoTableException {
        Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8);
        try {
            return CSVParser.builder().setReader(reader).setFormat(FORMAT).get();
        } catch (IllegalArgumentException e) {
            reader.close();
            throw new NoTableException(file, "its header is none: " + e.getMessage());
        }
    }

    /** The columns of the header, each in the narrowest type of its values. */
    private Map<String, String> types(Path file) throws IOException, NoTableException {
        Map<String, CsvColumn> columns = new LinkedHashMap<>();
        try (CSVParser records = open(file)) {
            records.getHeaderNames().forEach(column -> columns.put(name(column), new CsvColumn()));
            if (!columns.containsKey(key)) {
                throw new NoTableException(
                        file,
                        "its header " + records.getHeaderNames() + " has no column '" + key
                                + "', which rows are known by");
            }
            List<CsvColumn> inOrder = List.copyOf(columns.values());
            Iterator<CSVRecord> all = records.iterator();
            for (CSVRecord record = next(all, records, file, null);
                    record != null;
                    record = next(all, records, file, null)) {
                for (int i = 0; i < inOrder.size() && record.isConsistent(); i++) {
                    if (!record.get(i).isEmpty()) {
                        inOrder.get(i).add(record.get(i));
                    }
                }
            }
        }
        Map<String, String> types = new LinkedHashMap<>();
        columns.forEach((column, values) -> types.put(column, values.sql()));
        return types;
    }

    /** Without the byte order mark that some programs write. */
    private static String name(String column) {
        return column.replace("\uFEFF", "").strip();
    }

    private Map<String, String> columns(String table) throws SQLException {
        Map<String, String> columns = new LinkedHashMap<>();
        fractions.clear();
        try (PreparedStatement statement = connection.prepareStatement("""
                select a.attname, format_type(a.atttypid, null), -- a cast to varchar(3) would cut, an assignment refuses
                       case when a.atttypid = 'numeric'::regtype then i.numeric_scale else i.datetime_precision end
                from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
                left join information_schema.columns i
                       on i.table_schema = n.nspname and i.table_name = c.relname and i.column_name = a.attname
                where n.nspname = ? and c.relname = ? and a.attnum > 0 and not a.attisdropped order by a.attnum
                """)) {
            statement.setString(1, schema);
            statement.setString(2, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    columns.put(rows.getString(1), rows.getString(2));
                    int fraction = rows.getInt(3);
                    if (!rows.wasNull() && !rows.getString(2).equals("date")) {
                        fractions.put(rows.getString(1), fraction);
                    }
                }
            }
        }
        return columns;
    }

    private Map<String, String> make(String table, Map<String, String> there, Map<String, String> wanted)
            throws SQLException {
        Map<String, String> missing = new LinkedHashMap<>(wanted);
        missing.keySet().removeAll(there.keySet());
        if (missing.isEmpty()) {
            return missing;
        }
        String name = quoted(schema) + "." + quoted(table);
        try (Statement statement = connection.createStatement()) {
            if (there.isEmpty()) {
                String columns = missing.entrySet().stream()
                        .map(column -> quoted(column.getKey()) + " " + column.getValue())
                        .collect(Collectors.joining(", "));
                statement.execute("create schema if not exists " + quoted(schema));
                statement.execute("create table %s (%s, primary key (%s))".formatted(name, columns, quoted(key)));
            } else {
                for (Map.Entry<String, String> column : missing.entrySet()) {
                    statement.execute("alter table %s add column %s %s"
                            .formatted(name, quoted(column.getKey()), column.getValue()));
                }
            }
        }
        return missing;
    }

    private long rows(Path file, String table, Map<String, String> types, List<String> bad)
            throws IOException, SQLException, NoTableException {
        List<String> columns = List.copyOf(types.keySet());
        String name = quoted(schema) + "." + quoted(table);
        String names = columns.stream().map(CsvImport::quoted).collect(Collectors.joining(", "));
        String values = types.values().stream().map(type -> "?::text::" + type).collect(Collectors.joining(", "));
        List<String> others =
                columns.stream().filter(column -> !column.equals(key)).toList();
        String update = others.isEmpty()
                ? "nothing"
                : "update set "
                        + others.stream()
                                .map(column -> quoted(column) + " = excluded." + quoted(column))
                                .collect(Collectors.joining(", "))
                        + " where "
                        + others.stream()
                                .map(column -> "t." + quoted(column) + " is distinct from excluded." + quoted(column))
                                .collect(Collectors.joining(" or "));
        long rows = 0;
        try (CSVParser records = open(file);
                PreparedStatement statement =
                        connection.prepareStatement("insert into %s as t (%s) values (%s) on conflict (%s) do %s"
                                .formatted(name, names, values, quoted(key), update))) {
            // of one key in a batch only the last: a statement changes no row twice
            Map<String, Line> batch = new LinkedHashMap<>();
            Iterator<CSVRecord> all = records.iterator();
            for (CSVRecord record = next(all, records, file, bad);
                    record != null;
                    record = next(all, records, file, bad)) {
                Line line = line(record, records, columns, file, bad);
                if (line != null) {
                    batch.remove(line.key);
                    batch.put(line.key, line);
                    rows++;
                }
                if (batch.size() == BATCH) {
                    rows -= write(statement, batch, file, bad);
                }
            }
            rows -= write(statement, batch, file, bad);
        }
        return rows;
    }

    private record Line(long number, String key, List<@Nullable String> values) {}

    /** The next record; null at the end, or where what comes is no CSV. */
    private static @Nullable CSVRecord next(
            Iterator<CSVRecord> all, CSVParser records, Path file, @Nullable List<String> bad) {
        try {
            return all.hasNext() ? all.next() : null;
        } catch (UncheckedIOException e) {
            if (bad != null) {
                bad.add("%s:%d: no CSV from here on: %s"
                        .formatted(
                                file,
                                records.getCurrentLineNumber(),
                                Objects.requireNonNull(e.getCause()).getMessage()));
            }
            return null;
        }
    }

    private @Nullable Line line(
            CSVRecord record, CSVParser records, List<String> columns, Path file, List<String> bad) {
        long number = records.getCurrentLineNumber();
        if (record.size() != columns.size()) {
            bad.add("%s:%d: %d fields, the header has %d".formatted(file, number, record.size(), columns.size()));
            return null;
        }
        List<@Nullable String> values = new ArrayList<>();
        for (String value : record) {
            values.add(value.isEmpty() ? null : value);
        }
        for (int i = 0; i < values.size(); i++) {
            String value = values.get(i);
            Integer most = fractions.get(columns.get(i));
            if (value != null && most != null && CsvColumn.fractionOf(value) > most) {
                bad.add("%s:%d: %s '%s' would be rounded to %d digits after the point"
                        .formatted(file, number, columns.get(i), value, most));
                return null;
            }
        }
        String id = values.get(columns.indexOf(key));
        if (id == null) {
            bad.add("%s:%d: no %s".formatted(file, number, key));
            return null;
        }
        return new Line(number, id, values);
    }

    /** Writes the batch at once, or if it does not fit line by line; how many lines did not fit. */
    private int write(PreparedStatement statement, Map<String, Line> batch, Path file, List<String> bad)
            throws SQLException {
        int failed = 0;
        Savepoint before = connection.setSavepoint();
        try {
            for (Line line : batch.values()) {
                set(statement, line);
                statement.addBatch();
            }
            statement.executeBatch();
        } catch (SQLException e) {
            connection.rollback(before);
            statement.clearBatch();
            for (Line line : batch.values()) {
                failed += writeAlone(statement, line, file, bad);
            }
        }
        connection.releaseSavepoint(before);
        batch.clear();
        return failed;
    }

    private int writeAlone(PreparedStatement statement, Line line, Path file, List<String> bad) throws SQLException {
        Savepoint before = connection.setSavepoint();
        try {
            set(statement, line);
            statement.executeUpdate();
            connection.releaseSavepoint(before);
            return 0;
        } catch (SQLException e) {
            connection.rollback(before);
            String why = String.valueOf(e.getMessage())
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceFirst("^ERROR: ", "");
            bad.add("%s:%d: %s".formatted(file, line.number, why));
            return 1;
        }
    }

    private static void set(PreparedStatement statement, Line line) throws SQLException {
        for (int i = 0; i < line.values.size(); i++) {
            statement.setString(i + 1, line.values.get(i));
        }
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }
}
