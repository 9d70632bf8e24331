package io.tributary.local;

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

    private static final String TABLES = """
            create schema if not exists sales;
            create schema if not exists tributary;

            create table if not exists public.transactions (
              transaction_id text primary key,
              user_id text,
              "timestamp" timestamptz,
              amount numeric(12,2),
              currency text,
              city text,
              country text,
              merchant_name text,
              payment_method text,
              ip_address text,
              voucher_code text,
              "affiliateId" text);

            create table if not exists sales.transactions (
              transaction_id uuid primary key,
              user_id bigint,
              amount numeric(12,2),
              currency text,
              status text,
              created_at timestamptz,
              updated_at timestamptz);

            create table if not exists sales.orders (
              region text,
              order_no bigint,
              customer jsonb,
              tags text[],
              quantities int[],
              weight numeric,
              ordered_on date,
              placed_at timestamp,
              signature bytea,
              note text,
              primary key (region, order_no));
            -- not compressed, so that a long note is really kept apart from its row and missing in events of other columns
            alter table sales.orders alter column note set storage external;

            create table if not exists tributary.debezium_signal (
              id varchar(42) primary key,
              type varchar(32) not null,
              data varchar(2048));
            -- numbers the runs of the generator, so that none makes a key twice
            create sequence if not exists tributary.generator_runs;
            """;

    private DemoTables() {}

    /** Makes what is missing of schemas and tables; leaves what is there as it is. */
    public static void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(TABLES);
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
        try (TableWriter<?> writer = TableWriter.open(table, connection, random)) {
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
