package io.tributary.doctor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.ConnectorStatus;
import io.tributary.flow.Shown;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Kafka Connect, its connectors and their tasks. */
final class ConnectCheck {
    /** What a failure's reason says, and what to do then. */
    private static final Map<String, String> REMEDIES = new LinkedHashMap<>();

    static {
        REMEDIES.put(
                "is active for pid",
                "another connector or a dead worker's session has the slot: give each connector a slot.name"
                        + " of its own, or end the session (check --component postgres names it)");
        REMEDIES.put(
                "password authentication failed",
                "the user or password is wrong: mend PG_USER and PG_PASSWORD of Connect's environment");
        REMEDIES.put("permission denied", "the connector's user lacks a right: check --component postgres names it");
        REMEDIES.put("must be superuser", "the connector's user lacks a right: check --component postgres names it");
        REMEDIES.put("wal_level", "set wal_level = logical in PostgreSQL, and restart it");
        REMEDIES.put("publication", "check --component postgres says what is wrong with the publication");
        REMEDIES.put("connection refused", "the database does not answer: check --component postgres");
        REMEDIES.put("connection attempt failed", "the database does not answer: check --component postgres");
        REMEDIES.put("unknown host", "database.hostname cannot be resolved: mend PG_HOST of Connect's environment");
    }

    /** What a reason says where what the connector should send next is not to be had any more. */
    private static final List<String> LOST = List.of(
            "no longer available on the server",
            "can no longer get changes from replication slot",
            "can no longer access replication slot");

    private final ConnectClient connect;
    private final List<ConnectorFile> expected;

    ConnectCheck(ConnectClient connect, List<ConnectorFile> expected) {
        this.connect = connect;
        this.expected = expected;
    }

    void look(Findings to) {
        List<String> names;
        try {
            names = connect.names();
        } catch (IOException | IllegalArgumentException e) {
            to.wrong(
                    "Kafka Connect at " + connect.url() + " does not answer: " + Shown.message(e),
                    "start it, or say where it is: --connect or CONNECT_URL");
            return;
        }
        to.ok("Kafka Connect at " + connect.url() + ", connectors: "
                + (names.isEmpty() ? "none" : String.join(", ", names)));
        for (ConnectorFile file : expected) {
            if (!names.contains(file.name())) {
                to.wrong("there is no connector " + file.name(), "./tributary connectors apply", () -> {
                    connect.apply(file);
                    connect.awaitRunning(file.name(), false);
                });
            }
        }
        for (String name : names) {
            try {
                look(name, to);
            } catch (IOException e) {
                to.wrong(
                        "cannot ask for connector " + name + ": " + Shown.message(e),
                        "try again; a worker may be joining its group");
            }
        }
    }

    private void look(String name, Findings to) throws IOException {
        ConnectorStatus status = connect.status(name);
        String restart = "./tributary connectors restart " + name;
        if (status.running()) {
            to.ok("connector " + name + " and its task run");
        } else if (status.failed() && isLost(status.reason())) {
            to.wrong(
                    "connector " + name + " has failed: " + status.reason()
                            + "; what changed since was never sent, and is in no history",
                    "./tributary connectors reset " + name);
        } else if (status.failed()) {
            to.wrong(
                    "connector " + name + " has failed: " + status.reason(),
                    remedy(status.reason()) + "then " + restart,
                    () -> restart(name));
        } else if (status.paused()) {
            to.wrong(
                    "connector " + name + " is " + status.connector() + ": somebody has stopped it",
                    restart,
                    () -> restart(name));
        } else {
            to.wrong(
                    "connector " + name + " does not run: connector " + status.connector() + ", task " + status.task(),
                    "if it stays so: " + restart,
                    () -> restart(name));
        }
        settings(name, connect.config(name).orElseThrow(() -> new IOException("it has gone")), to);
    }

    private void restart(String name) throws IOException {
        connect.restart(name);
        connect.awaitRunning(name, true);
    }

    static boolean isLost(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        return LOST.stream().anyMatch(lower::contains);
    }

    private static String remedy(String reason) {
        String lower = reason.toLowerCase(Locale.ROOT);
        return REMEDIES.entrySet().stream()
                .filter(entry -> lower.contains(entry.getKey()))
                .findFirst()
                .map(entry -> entry.getValue() + "; ")
                .orElse("");
    }

    /** What makes the difference between exact and almost: see docs/decisions/0006-connector-settings.md. */
    private static void settings(String name, ObjectNode config, Findings to) {
        if (!config.path("connector.class").asText().startsWith("io.debezium.")) {
            return;
        }
        if (config.path("heartbeat.interval.ms").asLong(0) == 0) {
            to.warning(
                    "connector " + name + " sends no heartbeats: when it falls silent, its tables look idle",
                    "set heartbeat.interval.ms to 10000");
        }
        if (config.path("tombstones.on.delete").asText("true").equals("false")
                && config.path("skipped.operations").asText("t").contains("d")) {
            to.wrong("connector " + name + " skips deletes", "set skipped.operations to none");
        }
        if (!config.path("skipped.operations").asText("t").equals("none")) {
            to.warning(
                    "connector " + name + " does not send truncates: rows that they took stay",
                    "set skipped.operations to none");
        }
        if (config.path("decimal.handling.mode").asText("precise").equals("double")) {
            to.wrong(
                    "connector " + name + " sends decimals as doubles: they are not exact",
                    "set decimal.handling.mode to string");
        }
        for (String side : new String[] {"key", "value"}) {
            String converter = config.path(side + ".converter").asText("");
            if (!converter.isEmpty() && !converter.endsWith("JsonConverter")) {
                to.wrong(
                        "connector " + name + " writes " + side + "s with " + converter,
                        "set " + side + ".converter to org.apache.kafka.connect.json.JsonConverter");
            }
        }
    }
}
