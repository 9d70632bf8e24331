package io.tributary.connect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** A logical replication slot of PostgreSQL. */
public final class ReplicationSlot {
    private ReplicationSlot() {}

    /**
     * Drops a slot of the connection's database that nobody can read any more, as the WAL it needs is gone; others stay, as a connector
     * can go on there.
     *
     * @throws SQLException if the user may not
     */
    public static void dropLost(Connection connection, String name) throws SQLException {
        try (PreparedStatement drop = connection.prepareStatement(
                "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = ?"
                        + " and database = current_database() and not active and wal_status = 'lost'")) {
            drop.setString(1, name);
            drop.execute();
        }
    }
}
