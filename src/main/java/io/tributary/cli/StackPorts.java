package io.tributary.cli;

import io.tributary.flow.ConfigException;
import io.tributary.local.LocalStack;
import io.tributary.local.Ports;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The ports of what runs here: the one asked for or none, otherwise the next free one. */
class StackPorts {
    @Option(names = "--kafka-port", paramLabel = "PORT", description = "Kafka (default: from 9092 the next free)")
    private @Nullable Integer kafka;

    @Option(names = "--connect-port", paramLabel = "PORT", description = "Connect (default: from 8083 the next free)")
    private @Nullable Integer connect;

    @Option(
            names = "--flink-port",
            paramLabel = "PORT",
            description = "Flink's web UI (default: from 8081 the next free)")
    private @Nullable Integer flink;

    @Option(names = "--metrics-port", paramLabel = "PORT", description = "metrics (default: from 9249 the next free)")
    private @Nullable Integer metrics;

    private final java.util.Set<Integer> taken = new java.util.HashSet<>();

    /** @throws ConfigException if a port that was asked for is taken */
    final LocalStack.PortPlan plan() {
        int kafkaPort = pick(kafka, "--kafka-port", 9092);
        return new LocalStack.PortPlan(
                postgres(),
                kafkaPort,
                pick(null, "", kafkaPort + 1),
                pick(connect, "--connect-port", 8083),
                pick(flink, "--flink-port", 8081),
                pick(metrics, "--metrics-port", 9249));
    }

    /** Of PostgreSQL; 0 where there is none here. */
    int postgres() {
        return 0;
    }

    final int pick(@Nullable Integer asked, String option, int preferred) {
        int port;
        try {
            port = asked == null ? Ports.free(preferred) : Ports.exactly(asked, option);
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()));
        }
        while (asked == null && taken.contains(port)) {
            port = Ports.free(port + 1);
        }
        taken.add(port);
        return port;
    }
}
