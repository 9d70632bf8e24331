package io.tributary.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server of its own on 127.0.0.1, with logical replication, durable, and closed to whoever has not its password. It is a child
 * process that survives the death of this one; the next start on the same folder stops it and goes on with its data.
 */
public final class PostgresServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final String USER = "tributary";
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration REMAINS = Duration.ofSeconds(15);
    private static final List<String> OPTIONS = List.of(
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=''",
            "wal_level=logical",
            "max_wal_senders=10",
            "max_replication_slots=10",
            "max_slot_wal_keep_size=2GB",
            "wal_sender_timeout=10s",
            "timezone=UTC",
            "log_timezone=UTC");

    private final RootStrategy strategy;
    private final PostgresHome home;
    private final Path bin;
    private final int port;
    private final String password;

    private PostgresServer(RootStrategy strategy, PostgresHome home, Path bin, int port, String password) {
        this.strategy = strategy;
        this.home = home;
        this.bin = bin;
        this.port = port;
        this.password = password;
    }

    /**
     * Starts the server of this folder, which is filled on the first start; ready for connections on return.
     *
     * @throws IOException if one of PostgreSQL's programs fails; the message names it and ends with its last words
     */
    public static PostgresServer start(Path dir, int port) throws IOException {
        RootStrategy strategy = RootStrategy.choose();
        PostgresHome home = PostgresHome.of(dir, strategy);
        Path bin = PostgresBinaries.unpack(home.binaries());
        String password = home.password();
        PostgresServer server = new PostgresServer(strategy, home, bin, port, password);
        boolean stopped = server.stopOrphan();
        server.createData();
        server.launch(stopped ? REMAINS : Duration.ZERO);
        LOG.info("PostgreSQL runs on port {} over {}, root strategy {}", port, home.data(), strategy);
        return server;
    }

    /** Stops the server that a killed run left behind in this folder, if there is one: its port is free then. */
    public static void stopLeftBehind(Path dir) throws IOException {
        if (Files.isDirectory(dir)) {
            stop(PostgresHome.of(dir, RootStrategy.choose()));
        }
    }

    private static void stop(PostgresHome home) throws IOException {
        var running = Postmaster.of(home.data());
        if (running.isPresent()) {
            running.get().stop();
        }
    }

    /** Whether a server was left behind here, be it alive or dead. */
    private boolean stopOrphan() throws IOException {
        if (!Postmaster.leftTraces(home.data())) {
            return false;
        }
        var orphan = Postmaster.of(home.data());
        if (orphan.isPresent()) {
            LOG.info(
                    "stopping the PostgreSQL server an earlier run left behind (process {})",
                    orphan.get().pid());
            orphan.get().stop();
        }
        Postmaster.clearTraces(home.data());
        return true;
    }

    private void createData() throws IOException {
        Path data = home.data();
        if (Files.isDirectory(data)) {
            strategy.give(data);
            return;
        }
        // data gets its name when it is whole: a kill during initdb leaves nothing that looks like a database
        Path half = home.in("data.new");
        Path secret = home.in("initdb.pw");
        Folders.delete(half);
        Files.deleteIfExists(secret);
        try {
            PrivateFile.write(secret, password);
            strategy.give(secret);
            Files.createDirectory(half);
            strategy.give(half);
            run(
                    "initdb",
                    List.of(
                            "-D",
                            half.toString(),
                            "-U",
                            USER,
                            "--pwfile=" + secret,
                            "-A",
                            "scram-sha-256",
                            "-E",
                            "UTF8",
                            "--locale=C",
                            "--locale-provider=builtin",
                            "--builtin-locale=C.UTF-8"));
            Files.move(half, data);
        } finally {
            Files.deleteIfExists(secret);
        }
    }

    /** Starts it; for a while again if processes of a killed server still hold its memory. */
    private void launch(Duration patience) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            Files.deleteIfExists(home.log());
            Files.createFile(home.log());
            strategy.give(home.log());
            try {
                run(
                        "pg_ctl",
                        List.of(
                                "start",
                                "-w",
                                "-t",
                                "60",
                                "-s",
                                "-D",
                                home.data().toString(),
                                "-l",
                                home.log().toString(),
                                "-o",
                                "-p " + port + " -c " + String.join(" -c ", OPTIONS)));
                return;
            } catch (IOException e) {
                String log = Files.readString(home.log());
                if (!log.contains("pre-existing shared memory block") || System.nanoTime() > deadline) {
                    throw new IOException(e.getMessage() + Tool.lastLines(log), e);
                }
                Pause.of(Duration.ofMillis(200));
            }
        }
    }

    private void run(String program, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(bin.resolve(program).toString()));
        command.addAll(arguments);
        Tool.of(program, strategy.wrap(command), START).run();
    }

    public int port() {
        return port;
    }

    public String user() {
        return USER;
    }

    /** The superuser's password, made up at the first start. Not for logs. */
    public String password() {
        return password;
    }

    /** Where the database is for JDBC, without user and password. */
    public String jdbcUrl(String db) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + db;
    }

    /** A new connection as superuser; multi-row batches of inserts go as one statement. */
    public Connection connect(String db) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("connectTimeout", "10");
        properties.setProperty("ApplicationName", "tributary");
        return DriverManager.getConnection(jdbcUrl(db), properties);
    }

    /** Makes a database of this name, unless there is one. */
    public void createDatabase(String name) throws SQLException {
        try (Connection connection = connect("postgres");
                PreparedStatement known = connection.prepareStatement("select 1 from pg_database where datname = ?");
                Statement statement = connection.createStatement()) {
            known.setString(1, name);
            try (ResultSet row = known.executeQuery()) {
                if (!row.next()) {
                    statement.execute("create database " + statement.enquoteIdentifier(name, true));
                }
            }
        }
    }

    /** Stops the server: clients are cut off, and a replication reader gets what it has not read yet at the next start. */
    @Override
    public void close() throws IOException {
        stop(home);
    }
}
