package io.tributary.local;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A Kafka broker with its own controller (KRaft) in this process, on 127.0.0.1. Topics keep everything, and are made on request only. After
 * a kill it needs some 8 s to start: it waits until the session of its former life has ended.
 */
public final class KafkaBroker implements AutoCloseable {
    /** The largest record: an event carries a row twice and its schema, and a row may have values of many megabytes. */
    static final int LARGEST_RECORD = 64 << 20;

    private static final String NODE = "1";
    private static final String CONTROLLER = "CONTROLLER";
    private static final List<String> OF_ONE_BROKER = List.of(
            "default.replication.factor",
            "min.insync.replicas",
            "offsets.topic.replication.factor",
            "transaction.state.log.replication.factor",
            "transaction.state.log.min.isr",
            "share.coordinator.state.topic.replication.factor",
            "share.coordinator.state.topic.min.isr");

    private final KafkaRaftServer server;
    private final int port;

    private KafkaBroker(KafkaRaftServer server, int port) {
        this.server = server;
        this.port = port;
    }

    /** Starts the broker of this folder, which is formatted on the first start; ready for clients on return. */
    public static KafkaBroker start(Path dir, int port, int controllerPort) throws IOException {
        return start(dir, port, controllerPort, Map.of());
    }

    /** @param more the broker's settings that are others than ours */
    static KafkaBroker start(Path dir, int port, int controllerPort, Map<String, String> more) throws IOException {
        Path log = Files.createDirectories(dir).toAbsolutePath();
        try {
            format(log);
            Properties settings = settings(log, port, controllerPort);
            settings.putAll(more);
            KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
            server.startup();
            return new KafkaBroker(server, port);
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot start Kafka on port " + port + ": " + e.getMessage(), e);
        }
    }

    /** What {@code kafka-storage.sh format} does; the cluster's id is kept in the folder. */
    private static void format(Path log) throws Exception {
        if (Files.exists(log.resolve("meta.properties"))) {
            return;
        }
        new Formatter()
                .setPrintStream(
                        new PrintStream(PrintStream.nullOutputStream(), false, java.nio.charset.StandardCharsets.UTF_8))
                .setNodeId(Integer.parseInt(NODE))
                .setClusterId(Uuid.randomUuid().toString())
                .addDirectory(log.toString())
                .setMetadataLogDirectory(log.toString())
                .setControllerListenerName(CONTROLLER)
                .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
                .setIgnoreFormatted(true)
                .run();
    }

    private static Properties settings(Path log, int port, int controllerPort) {
        Properties settings = new Properties();
        settings.setProperty("process.roles", "broker,controller");
        settings.setProperty("node.id", NODE);
        settings.setProperty("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);
        settings.setProperty("controller.listener.names", CONTROLLER);
        settings.setProperty(
                "listeners", "PLAINTEXT://127.0.0.1:" + port + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
        settings.setProperty("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
        settings.setProperty("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.setProperty("inter.broker.listener.name", "PLAINTEXT");
        settings.setProperty("log.dirs", log.toString());

        OF_ONE_BROKER.forEach(name -> settings.setProperty(name, "1"));
        settings.setProperty("auto.create.topics.enable", "false");
        settings.setProperty("num.partitions", "1");
        settings.setProperty("log.retention.ms", "-1");
        settings.setProperty("message.max.bytes", Integer.toString(LARGEST_RECORD));
        settings.setProperty("replica.fetch.max.bytes", Integer.toString(LARGEST_RECORD));

        // 50 partitions by default: folders and open files for nothing
        settings.setProperty("offsets.topic.num.partitions", "4");
        settings.setProperty("transaction.state.log.num.partitions", "4");
        settings.setProperty("share.coordinator.state.topic.num.partitions", "1");
        settings.setProperty("offsets.topic.segment.bytes", Integer.toString(16 << 20));
        settings.setProperty("transaction.state.log.segment.bytes", Integer.toString(16 << 20));
        // 3 s by default, at the start of every consumer group
        settings.setProperty("group.initial.rebalance.delay.ms", "0");
        // 9 s by default: how long a killed broker is waited for by its next life
        settings.setProperty("broker.session.timeout.ms", "4000");
        settings.setProperty("broker.heartbeat.interval.ms", "1000");
        // 128 MiB of heap by default
        settings.setProperty("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.setProperty("num.network.threads", "2");
        settings.setProperty("num.io.threads", "4");
        settings.setProperty("background.threads", "2");
        return settings;
    }

    /** Where clients find it: {@code host:port}. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }
}
