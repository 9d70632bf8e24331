package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tables of the {@link Ledger}: how they are made, brought from an earlier version, and made again where somebody dropped one. */
final class LedgerTables {
    /** How the reason begins that is told of mirrors then. */
    static final String LOST = "the ledger has lost ";

    private final Dialect dialect;
    private final String schema;

    LedgerTables(Dialect dialect, String schema) {
        this.dialect = dialect;
        this.schema = schema;
    }

    private TableName place(String name) {
        return new TableName(schema, dialect.own(name));
    }

    /** As statements have it. */
    String name(String name) {
        return dialect.quoted(place(name));
    }

    boolean isThere(Connection connection, String name) throws SQLException {
        return !dialect.columns(connection, place(name)).isEmpty();
    }

    /** Makes the ledger, unless it is there; whether it did. */
    boolean create(Connection connection) throws SQLException {
        if (isThere(connection, "cdc_writers")) {
            return bring(connection);
        }
        return restore(connection);
    }

    /**
     * Makes the ledger again where it is gone, or one of its tables. What is left says nothing of positions that can be relied on: every
     * mirror that it knows is marked for repair, and it is emptied. Which mirrors are ours is kept, and so are the numbers of writers, or
     * those of rows that are staged would come again.
     *
     * @return whether something was gone
     */
    boolean restore(Connection connection) throws SQLException {
        boolean[] wasGone = new boolean[1];
        int[] tries = new int[1];
        Session.defining(connection, dialect, () -> {
            tries[0]++;
            wasGone[0] = restoreOnce(connection) || tries[0] > 1; // another has restored it since
        });
        return wasGone[0];
    }

    private boolean restoreOnce(Connection connection) throws SQLException {
        Map<String, String> gone = definitions();
        List<String> there = new ArrayList<>();
        for (String name : List.copyOf(gone.keySet())) {
            if (isThere(connection, name)) {
                there.add(name);
                gone.remove(name);
            }
        }
        if (there.isEmpty()) {
            define(connection, gone);
            return true;
        }
        if (gone.isEmpty()) {
            boolean isWhole = isThere(connection, "cdc_gaps");
            if (!isWhole) {
                Session.define(connection, dialect, gapsTable());
            }
            return !isWhole;
        }
        if (there.contains("cdc_mirrors")) {
            bringMirrors(connection, dialect.columns(connection, place("cdc_mirrors")));
        }
        if (!connection.getAutoCommit() || dialect.transaction(false).isEmpty()) {
            empty(connection, gone, there);
            return true;
        }
        Session.begin(connection, dialect, false);
        try {
            empty(connection, gone, there);
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
        return true;
    }

    /** Where DDL is no part of a transaction, a table stays gone until the rest is emptied: whoever comes after a death does it again. */
    private void empty(Connection connection, Map<String, String> gone, List<String> there) throws SQLException {
        for (Map.Entry<String, String> table : gone.entrySet()) { // one that is there, and not to be seen, ends it here
            Session.execute(connection, "CREATE TABLE " + name(table.getKey()) + table.getValue());
            Session.execute(connection, "DROP TABLE " + name(table.getKey()));
        }
        if (there.contains("cdc_mirrors")) {
            long unused = Session.update(
                    connection,
                    "UPDATE " + name("cdc_mirrors") + " SET needs_repair = TRUE, set_aside = COALESCE(set_aside, ?)",
                    LOST + String.join(" and ", gone.keySet()) + ", and so how far the mirror had come");
        }
        for (String positions : List.of("cdc_offsets", "cdc_staged")) {
            if (there.contains(positions)) {
                long unused = Session.update(connection, "DELETE FROM " + name(positions));
            }
        }
        for (Map.Entry<String, String> table : gone.entrySet()) {
            Session.execute(connection, "CREATE TABLE " + name(table.getKey()) + table.getValue());
        }
    }

    /** By its name, what each table is; of {@code cdc_gaps}, which may come later, see {@link #bring}. */
    private Map<String, String> definitions() {
        String text = dialect.type(ColumnType.TEXT);
        String number = dialect.type(ColumnType.INT64);
        String time = dialect.type(ColumnType.TIMESTAMPTZ);
        Map<String, String> all = new LinkedHashMap<>();
        all.put(
                "cdc_mirrors",
                " (mirror " + text + " PRIMARY KEY, source " + text + ", made_by_tributary boolean, commits " + number
                        + ", row_count " + number + ", applied_at " + time + ", set_aside " + text
                        + ", needs_repair boolean, repairs " + number + ")");
        all.put(
                "cdc_offsets",
                " (mirror " + text + ", topic " + text + ", kafka_partition " + number + ", staged " + number
                        + ", applied " + number + ", topic_id " + text
                        + ", PRIMARY KEY (mirror, topic, kafka_partition))");
        all.put(
                "cdc_staged",
                " (mirror " + text + ", first_seq " + number + ", batch " + text
                        + ", PRIMARY KEY (mirror, first_seq))");
        // the last, as it says that all are there; with its row, which two that start at once would both insert
        all.put("cdc_writers", " AS SELECT 0 AS id, CAST(0 AS " + number + ") AS number");
        return all;
    }

    private void define(Connection connection, Map<String, String> tables) throws SQLException {
        SQLException noSchema = null;
        try {
            Session.define(connection, dialect, "CREATE SCHEMA IF NOT EXISTS " + dialect.quoted(schema));
        } catch (SQLException e) {
            noSchema = e; // it may be there, and the user not allowed to make one
        }
        try {
            Session.define(connection, dialect, gapsTable());
            for (Map.Entry<String, String> table : tables.entrySet()) {
                Session.define(
                        connection, dialect, "CREATE TABLE IF NOT EXISTS " + name(table.getKey()) + table.getValue());
            }
        } catch (SQLException e) {
            throw noSchema == null ? e : noSchema;
        }
    }

    private String gapsTable() {
        String text = dialect.type(ColumnType.TEXT);
        String number = dialect.type(ColumnType.INT64);
        return "CREATE TABLE IF NOT EXISTS " + name("cdc_gaps") + " (mirror " + text + ", topic " + text
                + ", kafka_partition "
                + number + ", first_lost " + number + ", next_there " + number + ", noted_at "
                + dialect.type(ColumnType.TIMESTAMPTZ) + ")";
    }

    /** Gives a ledger of an earlier version what it lacks; whether tables of it were gone. */
    private boolean bring(Connection connection) throws SQLException {
        Map<String, String> ofMirrors = dialect.columns(connection, place("cdc_mirrors"));
        Map<String, String> ofOffsets = dialect.columns(connection, place("cdc_offsets"));
        if (ofMirrors.isEmpty() || ofOffsets.isEmpty()) {
            return restore(connection);
        }
        bringMirrors(connection, ofMirrors);
        if (!ofOffsets.containsKey(dialect.own("topic_id"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + name("cdc_offsets") + " ADD COLUMN IF NOT EXISTS topic_id "
                            + dialect.type(ColumnType.TEXT));
        }
        return false;
    }

    private void bringMirrors(Connection connection, Map<String, String> there) throws SQLException {
        if (!there.containsKey(dialect.own("set_aside")) || !there.containsKey(dialect.own("needs_repair"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + name("cdc_mirrors") + " ADD COLUMN IF NOT EXISTS set_aside "
                            + dialect.type(ColumnType.TEXT));
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + name("cdc_mirrors") + " ADD COLUMN IF NOT EXISTS needs_repair boolean");
        }
        if (!there.containsKey(dialect.own("repairs"))) {
            Session.define(
                    connection,
                    dialect,
                    "ALTER TABLE " + name("cdc_mirrors") + " ADD COLUMN IF NOT EXISTS repairs "
                            + dialect.type(ColumnType.INT64));
            Session.define(connection, dialect, gapsTable());
        }
    }
}
