package io.tributary.local;

import io.tributary.connect.ConnectorFile;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What Debezium logs in as: no superuser, see {@code debezium/role.sql}. */
public final class ConnectorRole {
    public static final String NAME = "tributary_cdc";

    private ConnectorRole() {}

    /**
     * Makes the publication of all tables that a connector wants: only a superuser can, and for the connector it is enough that it is there.
     *
     * @param connection of a superuser, to the database of the tables
     */
    public static void publish(Connection connection, ConnectorFile connector) throws SQLException {
        String name = connector.config().path("publication.name").asText("dbz_publication");
        boolean isPostgres =
                connector.config().path("connector.class").asText("").contains(".postgresql.");
        if (!isPostgres
                || !connector
                        .config()
                        .path("publication.autocreate.mode")
                        .asText("all_tables")
                        .equals("all_tables")) {
            return;
        }
        try (PreparedStatement known = connection.prepareStatement("select 1 from pg_publication where pubname = ?");
                Statement statement = connection.createStatement()) {
            known.setString(1, name);
            try (ResultSet row = known.executeQuery()) {
                if (!row.next()) {
                    statement.execute(
                            "create publication " + statement.enquoteIdentifier(name, true) + " for all tables");
                }
            }
        }
    }

    /**
     * Makes it if it is missing, and gives it this password; what tables there are become its own to publish.
     *
     * @param connection of a superuser, to the database of the tables
     */
    public static void create(Connection connection, String password) throws SQLException, IOException {
        DemoTables.run(connection, "role.sql");
        try (Statement statement = connection.createStatement()) {
            statement.execute("alter role " + NAME + " login password " + statement.enquoteLiteral(password));
        }
    }
}
