package io.tributary.cli;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import picocli.CommandLine.Option;

/** Which PostgreSQL: the variables are those of {@code debezium/postgres.json}. The password is never an argument. */
final class PostgresOptions {
    private static final String SECONDS = "10";

    @Option(
            names = "--pg-host",
            paramLabel = "HOST",
            defaultValue = "${PG_HOST:-localhost}",
            description = "PostgreSQL (default: PG_HOST, or localhost)")
    private String host = "";

    @Option(
            names = "--pg-port",
            paramLabel = "PORT",
            defaultValue = "${PG_PORT:-5432}",
            description = "its port (default: PG_PORT, or 5432)")
    private int port;

    @Option(
            names = "--pg-database",
            paramLabel = "NAME",
            defaultValue = "${PG_DB:-tributary}",
            description = "its database (default: PG_DB, or tributary)")
    private String database = "";

    @Option(
            names = "--pg-user",
            paramLabel = "NAME",
            defaultValue = "${PG_USER:-tributary}",
            description = "its user (default: PG_USER, or tributary); the password is PG_PASSWORD's")
    private String user = "";

    /** {@code host:port/database}. */
    String place() {
        return host + ":" + port + "/" + database;
    }

    /** A new connection; its error says where the password comes from, if there was none. */
    Connection connect() throws SQLException {
        String password = System.getenv("PG_PASSWORD");
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password == null ? "" : password);
        properties.setProperty("connectTimeout", SECONDS);
        properties.setProperty("ApplicationName", "tributary");
        properties.setProperty("reWriteBatchedInserts", "true");
        try {
            return DriverManager.getConnection("jdbc:postgresql://" + place(), properties);
        } catch (SQLException e) {
            throw password == null
                    ? new SQLException(e.getMessage() + " (PG_PASSWORD is not set)", e.getSQLState(), e)
                    : e;
        }
    }
}
