package io.tributary.local;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** What Debezium logs in as: no superuser, see {@code debezium/role.sql}. */
public final class ConnectorRole {
    public static final String NAME = "tributary_cdc";

    private ConnectorRole() {}

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
