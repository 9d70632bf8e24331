package io.tributary.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.tributary.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Server
class PostgresServerTest {
    private final int port = Ports.free(25_432);

    @TempDir
    private Path dir;

    @BeforeEach
    void programs() throws IOException {
        SharedPrograms.in(dir);
    }

    @AfterEach
    void chooseFreelyAgain() {
        System.clearProperty(RootStrategy.PROPERTY);
    }

    @Test
    void aServerTakesLogicalSlotsAndOnlyThoseWithItsPassword() throws Exception {
        Path own = dir.resolve("own"); // its programs are unpacked here
        try (PostgresServer server = PostgresServer.start(own, port)) {
            server.createDatabase("shop");
            server.createDatabase("shop");
            assertThat(ask(server, "shop", "select current_setting('wal_level') || ' ' || current_setting('fsync')"))
                    .isEqualTo("logical on");
            assertThat(ask(
                            server,
                            "shop",
                            "select lsn is not null from pg_create_logical_replication_slot('s', 'pgoutput')"))
                    .isEqualTo("t");
            assertThatThrownBy(
                            () -> java.sql.DriverManager.getConnection(server.jdbcUrl("shop"), server.user(), "guess"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password authentication failed");
        }
        assertThat(Files.getPosixFilePermissions(own.resolve("password")))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @ParameterizedTest
    @EnumSource(names = "NOT_ROOT", mode = EnumSource.Mode.EXCLUDE)
    void dataOutlivesAChangeToAnyRootStrategyAndBack(RootStrategy strategy) throws Exception {
        assumeThat(strategyWorks(strategy)).as(strategy + " works here").isTrue();
        // others may pass here, so that the data stays where it is
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
        startAndWrite(dir);
        force(strategy);
        try (PostgresServer server = PostgresServer.start(dir, port)) {
            assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
        }
        System.clearProperty(RootStrategy.PROPERTY);
        try (PostgresServer server = PostgresServer.start(dir, port)) {
            assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
        }
        assertThat(dir.resolve("data")).isDirectory();
    }

    @ParameterizedTest
    @EnumSource(names = {"SETPRIV", "RUNUSER", "SU"})
    void dataMovesOutOfAFolderThatNobodyMayEnter(RootStrategy strategy) throws Exception {
        assumeThat(strategyWorks(strategy)).as(strategy + " works here").isTrue();
        Path closed = SharedPrograms.in(dir.resolve("it's closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        Path standIn = PostgresHome.standIn(closed);
        try {
            startAndWrite(closed);
            force(strategy);
            try (PostgresServer server = PostgresServer.start(closed, port)) {
                assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
                assertThat(ask(server, "postgres", "show data_directory"))
                        .isEqualTo(standIn.resolve("data").toString());
            }
            System.clearProperty(RootStrategy.PROPERTY);
            try (PostgresServer server = PostgresServer.start(closed, port)) {
                assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
            }
        } finally {
            Folders.delete(standIn);
        }
    }

    @Test
    void aFolderThatWasDeletedStartsAnew() throws Exception {
        assumeThat(strategyWorks(RootStrategy.SETPRIV)).as("SETPRIV works here").isTrue();
        Path closed = SharedPrograms.in(dir.resolve("closed"));
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
        force(RootStrategy.SETPRIV);
        try {
            startAndWrite(closed);
            Folders.delete(closed);
            Files.createDirectory(closed);
            Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("rwx------"));
            try (PostgresServer server = PostgresServer.start(closed, port)) {
                assertThat(ask(server, "postgres", "select to_regclass('t') is null"))
                        .isEqualTo("t");
            }
        } finally {
            Folders.delete(PostgresHome.standIn(closed));
        }
    }

    @Test
    void aKilledServerComesBackWithWhatWasCommitted() throws Exception {
        PostgresServer killed = PostgresServer.start(dir, port);
        write(killed);
        Postmaster.of(dir.resolve("data")).orElseThrow().kill();

        try (PostgresServer server = PostgresServer.start(dir, port)) {
            assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
        }
    }

    @Test
    void aServerThatWasLeftBehindIsStoppedFirst() throws Exception {
        PostgresServer left = PostgresServer.start(dir, port);
        write(left);
        long orphan = Postmaster.of(dir.resolve("data")).orElseThrow().pid();

        try (PostgresServer server = PostgresServer.start(dir, port)) {
            assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
            assertThat(Postmaster.of(dir.resolve("data")).orElseThrow().pid()).isNotEqualTo(orphan);
        }
    }

    @Test
    void thePortOfAServerThatWasLeftBehindCanBeAskedForAgain() throws Exception {
        write(PostgresServer.start(dir, port));
        assertThatThrownBy(() -> Ports.exactly(port, "--postgres-port")).hasMessageContaining("is taken");

        PostgresServer.stopLeftBehind(dir);

        assertThat(Ports.exactly(port, "--postgres-port")).isEqualTo(port);
        try (PostgresServer server = PostgresServer.start(dir, port)) {
            assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
        }
    }

    @Test
    void anotherProcessWithTheIdOfADeadServerIsLeftAlone() throws Exception {
        startAndWrite(dir);
        Process other = new ProcessBuilder("sleep", "600").start();
        try {
            Files.writeString(dir.resolve("data/postmaster.pid"), other.pid() + "\n");

            try (PostgresServer server = PostgresServer.start(dir, port)) {
                assertThat(ask(server, "postgres", "select kept from t")).isEqualTo("yes");
            }
            assertThat(other.isAlive()).isTrue();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void aFailureNamesTheProgramAndItsReason() throws Exception {
        startAndWrite(dir);
        try (var taken = new java.net.ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThatThrownBy(() -> PostgresServer.start(dir, port))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("pg_ctl failed with 1")
                    .hasMessageContaining("Address already in use");
        }
    }

    private static boolean strategyWorks(RootStrategy strategy) throws IOException {
        return RootStrategy.choose() != RootStrategy.NOT_ROOT && strategy.works();
    }

    private static void force(RootStrategy strategy) {
        System.setProperty(RootStrategy.PROPERTY, strategy.name());
    }

    private void startAndWrite(Path where) throws IOException, SQLException {
        try (PostgresServer server = PostgresServer.start(where, port)) {
            write(server);
        }
    }

    private static void write(PostgresServer server) throws SQLException {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("create table t (kept text); insert into t values ('yes')");
        }
    }

    private static String ask(PostgresServer server, String db, String sql) throws SQLException {
        try (Connection connection = server.connect(db);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            assertThat(row.next()).isTrue();
            return row.getString(1);
        }
    }
}
