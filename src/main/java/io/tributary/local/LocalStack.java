package io.tributary.local;

import io.tributary.config.PipelineConfig;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.ConnectorStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The whole real stack: Kafka, Connect with Debezium, Flink, and PostgreSQL, unless the database is somebody's own. It is started in
 * parts and stopped in the opposite order, once.
 */
public final class LocalStack implements AutoCloseable {
    /** The demo's database. */
    public static final String DATABASE = "tributary";

    /** The database of its mirrors. */
    public static final String WAREHOUSE = "warehouse";

    /** Who may write to its Connect, and, in its folder, the file with the password. */
    public static final String CONNECT_USER = ConnectGuard.USER;

    public static final String CONNECT_PASSWORD = "connect/password";

    private static final FlinkCluster.Settings FLINK = new FlinkCluster.Settings(1, Duration.ofSeconds(2));
    private static final Logger LOG = LoggerFactory.getLogger(LocalStack.class);

    private final Path data;
    private final Consumer<String> progress;
    private final Deque<Part> parts = new ArrayDeque<>();
    private boolean closed;

    private @Nullable PostgresServer postgres;
    private KafkaBroker kafka;
    private ConnectWorker connect;
    private FlinkCluster flink;
    private String connector = "";
    private String connectorPassword = "";

    /** The ports to listen on. */
    public record PortPlan(int postgres, int kafka, int controller, int connect, int flink, int metrics) {}

    private record Part(String name, AutoCloseable closeable) {}

    @SuppressWarnings("NullAway.Init") // start() sets every part or throws
    private LocalStack(Path data, Consumer<String> progress) {
        this.data = data;
        this.progress = progress;
    }

    /**
     * Nothing runs yet: so that whoever stops the stack has it in hand from the first moment.
     *
     * @param progress is told a line for each part that is up
     */
    public static LocalStack in(Path data, Consumer<String> progress) {
        return new LocalStack(data, progress);
    }

    /** Ends what a killed run left behind on this data, so that its ports can be asked for again. */
    public void stopLeftBehind() throws IOException {
        PostgresServer.stopLeftBehind(data.resolve("postgres"));
    }

    /** Starts the servers, applies the connector, and leaves Flink without a job. */
    public void start(PortPlan ports, Path connectorJson) throws Exception {
        CompletableFuture<Void> database = CompletableFuture.runAsync(() -> unchecked(() -> startPostgres(ports)));
        CompletableFuture<Void> cluster = CompletableFuture.runAsync(() -> unchecked(() -> startFlink(ports)));
        try {
            startKafka(ports);
            join(database);
            ConnectorFile connector = ConnectorFile.read(connectorJson);
            publish(connector);
            startConnect(ports, connector, environment());
        } finally {
            join(cluster);
        }
    }

    /**
     * The same for somebody's own database.
     *
     * @param environment what {@code ${env:NAME}} stands for in the connector
     */
    public void start(PortPlan ports, ConnectorFile connector, Map<String, String> environment) throws Exception {
        CompletableFuture<Void> cluster = CompletableFuture.runAsync(() -> unchecked(() -> startFlink(ports)));
        try {
            startKafka(ports);
            startConnect(ports, connector, environment);
        } finally {
            join(cluster);
        }
    }

    private void startPostgres(PortPlan ports) throws IOException, SQLException {
        long start = System.nanoTime();
        connectorPassword = PrivateFile.secret(data.resolve("connect/database-password"));
        PostgresServer server = opened("PostgreSQL", PostgresServer.start(data.resolve("postgres"), ports.postgres()));
        postgres = server;
        server.createDatabase(DATABASE);
        server.createDatabase(WAREHOUSE);
        try (Connection connection = server.connect(DATABASE)) {
            DemoTables.create(connection);
            ConnectorRole.create(connection, connectorPassword);
            DemoTables.seed(connection, 1000);
        }
        up("PostgreSQL", "127.0.0.1:" + server.port() + "/" + DATABASE, start);
    }

    private void startKafka(PortPlan ports) throws IOException {
        long start = System.nanoTime();
        kafka = opened("Kafka", KafkaBroker.start(data.resolve("kafka"), ports.kafka(), ports.controller()));
        up("Kafka", kafka.bootstrap(), start);
    }

    private Map<String, String> environment() {
        return Map.of(
                "PG_HOST",
                "127.0.0.1",
                "PG_PORT",
                String.valueOf(postgres().port()),
                "PG_USER",
                ConnectorRole.NAME,
                "PG_PASSWORD",
                connectorPassword,
                "PG_DB",
                DATABASE);
    }

    private void publish(ConnectorFile connector) throws IOException {
        try (Connection connection = postgres().connect(DATABASE)) {
            ConnectorRole.publish(connection, connector);
        } catch (SQLException e) {
            throw new IOException("cannot make a publication for " + connector.name() + ": " + e.getMessage(), e);
        }
    }

    private void startConnect(PortPlan ports, ConnectorFile file, Map<String, String> environment) throws IOException {
        long start = System.nanoTime();
        String password = PrivateFile.secret(data.resolve(CONNECT_PASSWORD));
        connect = opened("Connect", ConnectWorker.start(kafka.bootstrap(), ports.connect(), password, environment));
        connect.apply(file);
        connector = file.name();
        up("Connect", connect.url() + " with " + connector, start);
    }

    private void startFlink(PortPlan ports) throws Exception {
        long start = System.nanoTime();
        flink = opened("Flink", FlinkCluster.start(data.resolve("flink"), ports.flink(), ports.metrics(), FLINK));
        up("Flink", flink.url() + ", metrics " + flink.metricsUrl(), start);
    }

    /** Whether a job on this data goes on where one was stopped. */
    public boolean hasState() throws IOException {
        return FlinkCluster.hasState(data.resolve("flink"));
    }

    /** Starts the job, from where it was stopped if it ran on this data before. */
    public void submit(PipelineConfig pipeline) throws Exception {
        long start = System.nanoTime();
        flink.submit(pipeline);
        up("job", flink.restoredFrom().isEmpty() ? "new" : "resumed", start);
    }

    private synchronized <T extends AutoCloseable> T opened(String name, T part) {
        if (closed) {
            close(new Part(name, part));
            throw new IllegalStateException("stopped while starting");
        }
        parts.push(new Part(name, part));
        return part;
    }

    private void up(String what, String where, long start) {
        double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
        progress.accept("%-10s %s (%.1f s)".formatted(what, where, seconds));
    }

    private interface Step {
        void run() throws Exception;
    }

    private static void unchecked(Step step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    private static void join(CompletableFuture<Void> step) throws Exception {
        try {
            step.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** @throws IllegalStateException if the database is somebody's own */
    public PostgresServer postgres() {
        PostgresServer server = postgres;
        if (server == null) {
            throw new IllegalStateException("the database is not this stack's");
        }
        return server;
    }

    public KafkaBroker kafka() {
        return kafka;
    }

    public FlinkCluster flink() {
        return flink;
    }

    /** Where its parts are, by name. */
    public Map<String, String> addresses() {
        Map<String, String> addresses = new HashMap<>();
        addresses.put("kafka", kafka.bootstrap());
        addresses.put("connect", connect.url());
        addresses.put("flink", flink.url());
        addresses.put("metrics", flink.metricsUrl());
        PostgresServer server = postgres;
        if (server != null) {
            addresses.put("warehouse", server.jdbcUrl(WAREHOUSE));
            addresses.put("warehouse.user", server.user());
            addresses.put("pg.host", "127.0.0.1");
            addresses.put("pg.port", String.valueOf(server.port()));
            addresses.put("pg.user", server.user());
            addresses.put("pg.database", DATABASE);
        }
        return addresses;
    }

    /** What is wrong with the connector, or empty. */
    public String connectorTrouble() throws IOException {
        ConnectorStatus status = connect.status(connector);
        return status.failed() ? connector + " has failed: " + status.reason() : "";
    }

    /** Stops Connect: from here on no topic grows, by a heartbeat neither. */
    public void stopConnect() {
        Part part;
        synchronized (this) {
            part = parts.stream()
                    .filter(p -> p.name.equals("Connect"))
                    .findFirst()
                    .orElse(null);
            if (part != null) {
                parts.remove(part);
            }
        }
        if (part != null) {
            close(part);
        }
    }

    /** Stops everything, Flink with a savepoint first. */
    @Override
    public void close() {
        Deque<Part> open;
        synchronized (this) {
            closed = true;
            open = new ArrayDeque<>(parts);
            parts.clear();
        }
        // by the way of a change: what reads stops before what it reads from
        for (String name : new String[] {"Flink", "Connect", "Kafka", "PostgreSQL"}) {
            open.stream().filter(part -> part.name.equals(name)).forEach(LocalStack::close);
        }
    }

    @SuppressWarnings("CatchingUnchecked")
    private static void close(Part part) {
        try {
            part.closeable.close();
            LOG.info("{} has stopped", part.name);
        } catch (Exception e) {
            LOG.warn("{} does not stop", part.name, e); // the others still must
        }
    }
}
