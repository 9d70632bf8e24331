package io.tributary.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The tables of the demo database: what they are, and their first rows. */
public final class DemoTables {
    /** The tables that the generator changes, as in SQL. */
    public static final List<String> NAMES = List.of("public.transactions", "sales.transactions", "sales.orders");

    private static final long SEED = 20_240_229;

    private DemoTables() {}

    /**
     * Makes what is missing of schemas and tables, as {@code debezium/tables.sql} has them; leaves what is there as it is.
     *
     * @throws IOException if that file cannot be read
     */
    public static void create(Connection connection) throws SQLException, IOException {
        run(connection, "tables.sql");
    }

    /** Runs one of the files of {@code debezium/}. */
    static void run(Connection connection, String file) throws SQLException, IOException {
        String sql = Files.readString(Path.of(System.getProperty("tributary.home", "."), "debezium", file));
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Puts {@code rows} rows into each table that has none, so that a snapshot has something to read. */
    public static void seed(Connection connection, int rows) throws SQLException {
        List<String> empty = new ArrayList<>();
        for (String name : NAMES) {
            if (isEmpty(connection, name)) {
                empty.add(name);
            }
        }
        if (empty.isEmpty()) {
            return;
        }
        SplittableRandom random = new SplittableRandom(SEED);
        DemoKeys keys = DemoKeys.ofNewRun(connection, SEED);
        for (DemoTable<?> table : all(keys, new DemoValues(random))) {
            if (empty.contains(table.name())) {
                insert(connection, table, rows, random);
            }
        }
    }

    private static void insert(Connection connection, DemoTable<?> table, int rows, SplittableRandom random)
            throws SQLException {
        try (TableLoad<?> writer = TableLoad.open(table, connection, random)) {
            for (int row = 0; row < rows; row++) {
                writer.insert();
            }
            writer.flush();
        }
    }

    static List<DemoTable<?>> all(DemoKeys keys, DemoValues values) {
        return List.of(
                new PublicTransactions(keys, values),
                new SalesTransactions(keys, values),
                new SalesOrders(keys, values));
    }

    private static boolean isEmpty(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select not exists (select from " + table + ")")) {
            row.next();
            return row.getBoolean(1);
        }
    }
}
