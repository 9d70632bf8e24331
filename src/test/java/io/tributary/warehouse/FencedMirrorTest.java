package io.tributary.warehouse;

import static org.awaitility.Awaitility.await;

import io.tributary.Server;
import io.tributary.local.Ports;
import io.tributary.local.PostgresServer;
import io.tributary.local.SharedPrograms;
import io.tributary.sink.FencedSinkConformance;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

@Server
class FencedMirrorTest extends FencedSinkConformance {
    private PostgresServer server;

    @BeforeAll
    void startServer(@TempDir Path programs) throws Exception {
        server = PostgresServer.start(SharedPrograms.in(programs.resolve("postgres")), Ports.free(30_492));
    }

    @AfterAll
    void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void createDatabase() throws Exception {
        server.createDatabase(name);
    }

    @Override
    protected int ports() {
        return 30_392;
    }

    @Override
    protected String sinks() {
        return "warehouse: {url: '%s', user: '%s', password: '%s', history: true, batch: {interval: 0s}}"
                .formatted(server.jdbcUrl(name), server.user(), server.password());
    }

    private List<String> query(String database, String query) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection =
                        DriverManager.getConnection(server.jdbcUrl(database), server.user(), server.password());
                Statement all = connection.createStatement()) {
            if (all.execute(query)) {
                try (ResultSet rows = all.getResultSet()) {
                    while (rows.next()) {
                        values.add(rows.getString(1));
                    }
                }
            }
        }
        return values;
    }

    @Override
    protected List<String> rows(String table) throws SQLException {
        boolean isThere = query(name, "select to_regclass('public.%s_history')".formatted(table))
                        .get(0)
                != null;
        return isThere
                ? query(
                        name,
                        "select case cdc_op when 'c' then 'CREATE ' else 'OTHER ' end || split_part(cdc_position, ':', 2) from public."
                                + table + "_history")
                : List.of();
    }

    @Override
    protected Stream<WarehouseStep> steps() {
        return Stream.of(WarehouseStep.values());
    }

    @Override
    protected void keep() throws SQLException {
        query("postgres", "alter database " + name + " with allow_connections false"); // the job comes back at once
        query(
                "postgres",
                "select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '" + name + "'");
        query("postgres", "create database kept_" + name + " template " + name);
        query("postgres", "alter database " + name + " with allow_connections true");
    }

    @Override
    protected void goBack() throws SQLException {
        query("postgres", "drop database " + name + " with (force)");
        query("postgres", "create database " + name + " template kept_" + name);
    }

    /** The job goes on with what is whole; the mirror says why it stands still. */
    @Override
    protected String gap(JobID job, String table) throws SQLException {
        String why =
                "select set_aside from tributary.cdc_mirrors where needs_repair and source = 'public." + table + "'";
        await().atMost(Duration.ofSeconds(60)).until(() -> !query(name, why).isEmpty());
        return query(name, why).get(0);
    }
}
