package io.tributary.cli;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Which PostgreSQL: by options and the variables of {@code debezium/postgres.json}, or, where there is none of them, that of the
 * running demo. The password is never an argument.
 */
final class PostgresOptions {
    private static final String SECONDS = "10";

    @Option(
            names = "--pg-host",
            paramLabel = "HOST",
            description = "PostgreSQL (default: PG_HOST, or the running demo's, or localhost)")
    private @Nullable String host;

    @Option(names = "--pg-port", paramLabel = "PORT", description = "its port (default: PG_PORT, or 5432)")
    private @Nullable String port;

    @Option(names = "--pg-database", paramLabel = "NAME", description = "its database (default: PG_DB, or tributary)")
    private @Nullable String database;

    @Option(
            names = "--pg-user",
            paramLabel = "NAME",
            description = "its user (default: PG_USER, or tributary); the password is PG_PASSWORD's")
    private @Nullable String user;

    /** {@code host:port/database}. */
    String place() {
        return host() + ":" + port() + "/" + database();
    }

    /**
     * All of it is the demo's, or nothing: another server must not be offered the demo's password. What runs with somebody's own
     * database has no password to offer.
     */
    private boolean isTheDemos() {
        return Stream.of(host, port, database, user).allMatch(Objects::isNull)
                && Stream.of("PG_HOST", "PG_PORT", "PG_DB", "PG_USER").allMatch(name -> System.getenv(name) == null)
                && (System.getenv("PG_PASSWORD") == null
                        || RunningStack.address("pg.password").isEmpty());
    }

    String host() {
        return said(host, "PG_HOST", "pg.host", "localhost");
    }

    String port() {
        return said(port, "PG_PORT", "pg.port", "5432");
    }

    String database() {
        return said(database, "PG_DB", "pg.database", "tributary");
    }

    String user() {
        return said(user, "PG_USER", "pg.user", "tributary");
    }

    private String said(@Nullable String option, String variable, String name, String otherwise) {
        return isTheDemos()
                ? RunningStack.address(name).orElse(otherwise)
                : option != null ? option : System.getenv().getOrDefault(variable, otherwise);
    }

    /** A new connection; its error says where the password comes from, if there was none. */
    Connection connect() throws SQLException {
        Optional<String> password = (isTheDemos() ? RunningStack.address("pg.password") : Optional.<String>empty())
                .or(() -> Optional.ofNullable(System.getenv("PG_PASSWORD")));
        Properties properties = new Properties();
        properties.setProperty("user", user());
        properties.setProperty("password", password.orElse(""));
        properties.setProperty("connectTimeout", SECONDS);
        properties.setProperty("loginTimeout", SECONDS); // of a server that takes the connection, and stands still
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("ApplicationName", "tributary");
        properties.setProperty("reWriteBatchedInserts", "true");
        try {
            return DriverManager.getConnection("jdbc:postgresql://" + place(), properties);
        } catch (SQLException e) {
            throw password.isPresent()
                    ? e
                    : new SQLException(e.getMessage() + " (PG_PASSWORD is not set)", e.getSQLState(), e);
        }
    }
}
