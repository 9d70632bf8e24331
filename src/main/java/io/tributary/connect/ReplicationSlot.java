package io.tributary.connect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** A logical replication slot of PostgreSQL. */
public final class ReplicationSlot {
    /** Longer than a server takes to end the session of a connector that has stopped. */
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final long POLL_MILLIS = 200;

    private ReplicationSlot() {}

    /**
     * Drops a slot that nobody reads any more, if it is there.
     *
     * @throws SQLException if somebody goes on to read it, or the user may not
     */
    public static void drop(Connection connection, String name) throws SQLException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (isRead(connection, name) && System.nanoTime() < deadline) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLException("interrupted while waiting for the slot " + name, e);
            }
        }
        try (PreparedStatement drop = connection.prepareStatement(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ?")) {
            drop.setString(1, name);
            drop.execute();
        }
    }

    private static boolean isRead(Connection connection, String name) throws SQLException {
        try (PreparedStatement slot =
                connection.prepareStatement("select active from pg_replication_slots where slot_name = ?")) {
            slot.setString(1, name);
            try (ResultSet row = slot.executeQuery()) {
                return row.next() && row.getBoolean(1);
            }
        }
    }
}
