package io.tributary.cli;

import io.tributary.local.BenchEvents;
import io.tributary.local.LocalStack;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.stream.Collectors;

/** A PostgreSQL for the mirror of one process that is measured. */
final class BenchMirror implements AutoCloseable {
    private final PostgresServer server;

    private BenchMirror(PostgresServer server) {
        this.server = server;
    }

    static BenchMirror start(Path folder) throws IOException, SQLException {
        PostgresServer server = PostgresServer.start(folder, Ports.free(15432));
        BenchMirror mirror = new BenchMirror(server);
        Runtime.getRuntime().addShutdownHook(new Thread(mirror::close, "end-postgres")); // it would outlive a Ctrl-C
        server.createDatabase(LocalStack.WAREHOUSE);
        return mirror;
    }

    Connection connect() throws SQLException {
        return server.connect(LocalStack.WAREHOUSE);
    }

    /** It as a pipeline file's sink. */
    String sink() {
        return sink(server);
    }

    /** The mirrors' database of a server as a pipeline file's sink, which commits with each checkpoint. */
    static String sink(PostgresServer server) {
        return "warehouse: {url: \"%s\", user: \"%s\", password: \"%s\", batch: {rows: 5000, interval: 0s}}"
                .formatted(server.jdbcUrl(LocalStack.WAREHOUSE), server.user(), server.password());
    }

    /** How many rows the table has, and a sum that is the same for the same rows. */
    Map<String, Long> content() throws SQLException {
        String values = BenchEvents.COLUMNS.stream()
                .map(name -> '"' + name + "\"::text")
                .collect(Collectors.joining(", "));
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select count(*), coalesce(sum(hashtext(concat_ws('|', "
                        + values + "))), 0) from public.transactions")) {
            found.next();
            return Map.of("rows", found.getLong(1), "sum", found.getLong(2));
        }
    }

    /** How often the job's mirror was brought up to date. */
    long commits() throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("select commits from tributary.cdc_mirrors")) {
            found.next();
            return found.getLong(1);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
