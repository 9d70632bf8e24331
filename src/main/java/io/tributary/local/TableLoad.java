package io.tributary.local;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Gathers changes to one table and sends them in batches: inserts, then updates, then deletes. That order is right for any mix, because a key
 * is known from its insert on and forgotten with its delete.
 */
final class TableLoad<K> implements AutoCloseable {
    private static final int KNOWN_KEYS = 20_000;

    private final DemoTable<K> table;
    private final LiveKeys<K> keys;
    private final List<PreparedStatement> statements = new ArrayList<>();
    private final int[] waiting;

    private TableLoad(DemoTable<K> table, SplittableRandom random) {
        this.table = table;
        this.keys = new LiveKeys<>(KNOWN_KEYS, random);
        this.waiting = new int[table.updates().size() + 2];
    }

    /** A writer that knows the keys that are there. */
    static <K> TableLoad<K> open(DemoTable<K> table, Connection connection, SplittableRandom random)
            throws SQLException {
        TableLoad<K> writer = new TableLoad<>(table, random);
        try (PreparedStatement known = connection.prepareStatement(table.keys())) {
            known.setInt(1, KNOWN_KEYS);
            try (ResultSet row = known.executeQuery()) {
                while (row.next()) {
                    writer.keys.add(table.key(row));
                }
            }
        }
        writer.statements.add(connection.prepareStatement(table.insert()));
        for (String update : table.updates()) {
            writer.statements.add(connection.prepareStatement(update));
        }
        writer.statements.add(connection.prepareStatement(table.delete()));
        return writer;
    }

    int share() {
        return table.share();
    }

    void insert() throws SQLException {
        keys.add(table.bindInsert(statements.get(0)));
        add(0);
    }

    /** Changes a row; inserts one if none is known. */
    void update() throws SQLException {
        if (keys.isEmpty()) {
            insert();
            return;
        }
        int which = table.nextUpdate();
        table.bindUpdate(which, statements.get(1 + which), keys.any());
        add(1 + which);
    }

    /** Deletes a row; inserts one if none is known. */
    void delete() throws SQLException {
        if (keys.isEmpty()) {
            insert();
            return;
        }
        int last = statements.size() - 1;
        table.bindDelete(statements.get(last), keys.take());
        add(last);
    }

    private void add(int statement) throws SQLException {
        statements.get(statement).addBatch();
        waiting[statement]++;
    }

    /**
     * Sends what was gathered.
     *
     * @return how many rows it changed; a row that someone else deleted is not changed
     */
    long flush() throws SQLException {
        long changed = 0;
        for (int i = 0; i < waiting.length; i++) {
            if (waiting[i] > 0) {
                waiting[i] = 0;
                for (int rows : statements.get(i).executeBatch()) {
                    changed += rows == Statement.SUCCESS_NO_INFO ? 1 : rows;
                }
            }
        }
        return changed;
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements) {
            statement.close();
        }
    }
}
