package io.tributary.local;

import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectClient.Login;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.ConnectorStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.connect.cli.ConnectDistributed;
import org.apache.kafka.connect.runtime.Connect;

/** A Kafka Connect worker in this process, with the connectors on the class path and exactly-once delivery for sources. */
public final class ConnectWorker implements AutoCloseable {
    /** The transactions of its tasks begin with it. */
    private static final String GROUP = "tributary-connect";

    private static final Duration READY = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(50);

    private final Connect<?> connect;
    private final ConnectClient api;

    private ConnectWorker(Connect<?> connect, ConnectClient api) {
        this.connect = connect;
        this.api = api;
    }

    /**
     * Starts a worker; it accepts connectors on return, and has resumed those the broker remembers.
     *
     * @param password for whoever writes over its REST interface, as {@link ConnectGuard} has it
     * @param env what {@code ${env:NAME}} stands for in connector files
     */
    public static ConnectWorker start(String bootstrap, int port, String password, Map<String, String> env)
            throws IOException {
        // Connect adds a shutdown hook of its own, which would race the orderly stop of the whole stack
        Exit.setShutdownHookAdder((name, hook) -> {});
        // it ends the process when it cannot start
        Exit.setExitProcedure((code, message) -> {
            throw new IllegalStateException("see the log for the reason");
        });
        abortTransactions(bootstrap);
        Connect<?> connect;
        try {
            connect = new ConnectDistributed().startConnect(settings(bootstrap, port, password, env));
        } catch (RuntimeException e) {
            throw new IOException("cannot start Kafka Connect on port " + port + ": " + e.getMessage(), e);
        } finally {
            Exit.resetExitProcedure();
        }
        ConnectWorker worker = new ConnectWorker(
                connect, new ConnectClient("http://127.0.0.1:" + port, new Login(ConnectGuard.USER, password)));
        try {
            worker.awaitReady();
        } catch (IOException e) {
            worker.close();
            throw e;
        }
        return worker;
    }

    /** What a killed worker left open would hold up the reading of Connect's own topics until it times out, a minute later. */
    private static void abortTransactions(String bootstrap) throws IOException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            List<String> left = admin.listTransactions().all().get().stream()
                    .filter(t -> t.state() == TransactionState.ONGOING)
                    .map(TransactionListing::transactionalId)
                    .filter(id -> id.startsWith(GROUP))
                    .toList();
            admin.fenceProducers(left).all().get();
        } catch (ExecutionException e) {
            throw new IOException("cannot end the transactions of an earlier Kafka Connect: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Map<String, String> settings(String bootstrap, int port, String password, Map<String, String> env) {
        Map<String, String> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.id", GROUP);
        // 10 s and 3 s by default: how long a killed worker is waited for; the least that Kafka takes
        settings.put("session.timeout.ms", "6000");
        settings.put("heartbeat.interval.ms", "2000");
        for (String store : new String[] {"config", "offset", "status"}) {
            settings.put(store + ".storage.topic", "_connect-" + store);
            settings.put(store + ".storage.replication.factor", "1");
        }
        settings.put("offset.storage.partitions", "1");
        settings.put("status.storage.partitions", "1");
        for (String part : new String[] {"key", "value"}) {
            settings.put(part + ".converter", "org.apache.kafka.connect.json.JsonConverter");
        }
        settings.put("listeners", "http://127.0.0.1:" + port);
        settings.put("rest.advertised.host.name", "127.0.0.1");
        settings.put("rest.advertised.port", Integer.toString(port));
        settings.put("rest.extension.classes", ConnectGuard.class.getName());
        settings.put(ConnectGuard.PASSWORD, password);
        // no scan of the whole class path
        settings.put("plugin.discovery", "service_load");
        settings.put("scheduled.rebalance.max.delay.ms", "0");
        settings.put("topic.creation.enable", "true");

        settings.put("exactly.once.source.support", "enabled");
        settings.put("offset.flush.interval.ms", "1000");
        settings.put("producer.max.request.size", Integer.toString(KafkaBroker.LARGEST_RECORD));
        // must hold the largest record; taken only when needed
        settings.put("producer.buffer.memory", Integer.toString(KafkaBroker.LARGEST_RECORD + (32 << 20)));
        // the schema block is the same in every event of a batch
        settings.put("producer.compression.type", "zstd");
        settings.put("producer.compression.zstd.level", "1");
        settings.put("producer.batch.size", Integer.toString(256 << 10));
        settings.put("consumer.max.partition.fetch.bytes", Integer.toString(KafkaBroker.LARGEST_RECORD));

        settings.put("config.providers", "env");
        settings.put("config.providers.env.class", LocalConfigProvider.class.getName());
        env.forEach((name, value) -> settings.put("config.providers.env.param." + name, value));
        return settings;
    }

    /** The REST interface is up before the worker has joined its group and read its connectors. */
    private void awaitReady() throws IOException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (!api.ready()) {
            if (System.nanoTime() > deadline) {
                throw new IOException("Kafka Connect did not become ready in " + READY.toSeconds() + " s");
            }
            Pause.of(POLL);
        }
    }

    /**
     * Creates the connector of this file, or gives it this configuration, and waits until it and its task run. That says nothing yet of the
     * database: a running task may be waiting for it.
     *
     * @throws IOException if the configuration is refused or the connector fails; the message holds the first line of the reason
     */
    public void apply(ConnectorFile connector) throws IOException {
        api.apply(connector);
        api.awaitRunning(connector.name(), false);
    }

    /** The connector's state now, {@code UNKNOWN} if there is none of this name or it has no state yet. */
    public ConnectorStatus status(String name) throws IOException {
        return api.status(name);
    }

    /** The address of its REST interface. */
    public String url() {
        return api.url();
    }

    /** Stops the connectors and the worker; the broker must still be there. */
    @Override
    public void close() {
        connect.stop();
        connect.awaitStop();
    }
}
