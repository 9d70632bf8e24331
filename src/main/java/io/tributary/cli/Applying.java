package io.tributary.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.change.Printable;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.SnapshotSignal;
import io.tributary.doctor.Finding;
import io.tributary.doctor.Obstacles;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.local.ConnectorRole;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/** Gives Kafka Connect a connector, and a table that is new in it its snapshot. */
final class Applying {
    private final ConnectClient client;
    private final PostgresOptions postgres;
    private final boolean force;

    /** @param force also where it would break the application, or send nothing */
    Applying(ConnectClient client, PostgresOptions postgres, boolean force) {
        this.client = client;
        this.postgres = postgres;
        this.force = force;
    }

    /** @throws ConfigException if something stands in its way, which is told before */
    void apply(ConnectorFile connector) throws IOException {
        String kafka = RunningStack.or(null, "KAFKA_BOOTSTRAP", "kafka", "");
        List<Finding> obstacles =
                force ? List.of() : Obstacles.of(postgres::connect, postgres.place(), connector, kafka);
        if (!obstacles.isEmpty()) {
            obstacles.forEach(each -> {
                Tributary.say(each.what());
                System.err.println(" ".repeat(11) + "→ " + Printable.of(each.remedy()));
            });
            throw new ConfigException(connector.name() + " is not applied: mend that first, or --force");
        }
        client.unknownSettings(connector)
                .forEach(each -> Tributary.say("%s: nobody knows the setting '%s', so it does nothing%s"
                        .formatted(
                                connector.name(),
                                each.name(),
                                each.nearest().isEmpty() ? "" : "; did you mean '" + each.nearest() + "'?")));
        Optional<ObjectNode> before = client.config(connector.name());
        List<String> added = before.map(old -> added(old, connector)).orElse(List.of());
        publish(connector);
        if (added.isEmpty()) {
            client.apply(connector);
            client.awaitRunning(connector.name(), before.isPresent());
        } else {
            applyWithSnapshot(connector, added);
        }
        System.out.println(
                connector.name() + (before.isEmpty() ? " is created and runs" : " runs with its configuration"));
    }

    /** Where the database lets us; else the connector says what it lacks. */
    private void publish(ConnectorFile connector) {
        try (Connection connection = postgres.connect()) {
            ConnectorRole.publish(connection, connector);
        } catch (SQLException | UnreachableException e) {
            LoggerFactory.getLogger(Applying.class)
                    .info("no publication is made for {}: {}", connector.name(), e.getMessage());
        }
    }

    /** The tables that are new; none where all were included before. */
    private static List<String> added(ObjectNode before, ConnectorFile connector) {
        List<String> added = new ArrayList<>(ConnectorFile.tables(connector.config()));
        added.removeAll(ConnectorFile.tables(before));
        return ConnectorFile.tables(before).isEmpty() ? List.of() : added;
    }

    /**
     * The database must take the signal before the connector is changed, for afterwards nothing tells which tables are new. It
     * is committed when the task with the old configuration, which would ignore it, is gone; for one that does not run yet it
     * waits in the slot.
     */
    private void applyWithSnapshot(ConnectorFile connector, List<String> added) throws IOException {
        SnapshotSignal signal = new SnapshotSignal(connector, added, SnapshotSignal.Type.INCREMENTAL);
        try (Connection connection = postgres.connect()) {
            connection.setAutoCommit(false);
            signal.insert(connection); // fails here, if it fails
            client.apply(connector);
            try {
                client.awaitRunning(connector.name(), true);
            } finally {
                connection.commit();
            }
        } catch (SQLException e) {
            throw new UnreachableException("cannot ask for a snapshot of " + String.join(", ", added)
                    + " in PostgreSQL at " + postgres.place() + ": " + e.getMessage());
        }
        System.out.println(connector.name() + ": a snapshot of "
                + String.join(", ", added).replace("\\", "") + " is asked for, beside the stream");
    }
}
