package io.tributary.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.change.Printable;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.connect.ConnectorStatus;
import io.tributary.connect.ReplicationSlot;
import io.tributary.connect.SnapshotSignal;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpTimeoutException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The connectors of Kafka Connect. */
@Command(
        name = "connectors",
        mixinStandardHelpOptions = true,
        description =
                "Applies, lists, restarts, resets and deletes the connectors of Kafka Connect, and takes snapshots anew.",
        subcommands = {
            ConnectorsCommand.Apply.class,
            ConnectorsCommand.ListAll.class,
            ConnectorsCommand.Status.class,
            ConnectorsCommand.Snapshot.class,
            ConnectorsCommand.Restart.class,
            ConnectorsCommand.Reset.class,
            ConnectorsCommand.Delete.class
        })
final class ConnectorsCommand implements Runnable {
    @Spec
    private @Nullable CommandSpec spec;

    @Override
    public void run() {
        if (spec != null) {
            spec.commandLine().usage(System.out);
        }
    }

    /** What each of them needs. */
    abstract static class Of implements Callable<Integer> {
        @Mixin
        ConnectOptions options = new ConnectOptions();

        @Override
        public Integer call() throws IOException {
            ConnectClient client = options.client();
            try {
                return call(client);
            } catch (ConnectException | HttpTimeoutException e) {
                throw new UnreachableException(
                        "Kafka Connect at " + client.url() + " does not answer (--connect or CONNECT_URL)");
            }
        }

        abstract int call(ConnectClient client) throws IOException;
    }

    /** Those that name one. */
    abstract static class OfOne extends Of {
        @Parameters(paramLabel = "NAME", description = "the connector's name")
        String name = "";

        @Override
        final int call(ConnectClient client) throws IOException {
            if (!client.names().contains(name)) {
                throw new ConfigException("there is no connector '" + name + "' at " + client.url() + "; there are "
                        + (client.names().isEmpty() ? "none" : String.join(", ", client.names())));
            }
            return callOne(client);
        }

        abstract int callOne(ConnectClient client) throws IOException;
    }

    @Command(
            name = "apply",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Creates the connectors of debezium/*.json, or gives them their configuration, and waits until they run."
                            + " A table that is new in table.include.list gets its snapshot by a signal, beside the stream.")
    static final class Apply extends Of {
        @Mixin
        private PostgresOptions postgres = new PostgresOptions();

        @Option(names = "--force", description = "also where it would break the application, or send nothing")
        private boolean force;

        @Override
        int call(ConnectClient client) throws IOException {
            Applying applying = new Applying(client, postgres, force);
            for (ConnectorFile connector : options.files()) {
                applying.apply(connector);
            }
            return 0;
        }
    }

    @Command(
            name = "snapshot",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Takes one table's snapshot anew, by a signal: after it was out of the publication, say. The stream waits for it, and rows"
                            + " that the source no longer has go from mirrors and current rows.")
    static final class Snapshot extends Of {
        @Mixin
        private PostgresOptions postgres = new PostgresOptions();

        @Option(
                names = "--incremental",
                description = "beside the stream, chunk by chunk; rows that the source no longer has stay")
        private boolean incremental;

        @Parameters(paramLabel = "TABLE", arity = "1..*", description = "schema.table, as the source names it")
        private List<String> tables = List.of();

        @Override
        int call(ConnectClient client) throws IOException {
            for (Map.Entry<ConnectorFile, List<String>> of : byConnector().entrySet()) {
                ConnectorFile connector = of.getKey();
                ConnectorStatus status = client.status(connector.name());
                if (!status.running()) {
                    throw new UnreachableException(connector.name() + " does not run, so nobody would see the signal: "
                            + status.connector() + ", task " + status.task());
                }
                signal(connector, of.getValue());
            }
            return 0;
        }

        /** The tables by the connectors that stream them. */
        private Map<ConnectorFile, List<String>> byConnector() throws IOException {
            Map<ConnectorFile, List<String>> all = new LinkedHashMap<>();
            for (String table : tables) {
                List<ConnectorFile> streaming = options.files().stream()
                        .filter(connector -> connector.streams(table))
                        .toList();
                if (streaming.size() != 1) {
                    throw new ConfigException("'%s' must be a table of one connector of %s, and is of %s"
                            .formatted(
                                    table,
                                    options.files().stream()
                                            .map(ConnectorFile::name)
                                            .toList(),
                                    streaming.isEmpty()
                                            ? "none"
                                            : streaming.stream()
                                                    .map(ConnectorFile::name)
                                                    .toList()));
                }
                all.computeIfAbsent(streaming.get(0), c -> new ArrayList<>()).add(table);
            }
            return all;
        }

        private void signal(ConnectorFile connector, List<String> of) {
            SnapshotSignal signal = new SnapshotSignal(
                    connector, of, incremental ? SnapshotSignal.Type.INCREMENTAL : SnapshotSignal.Type.BLOCKING);
            String what = String.join(", ", of);
            if (!connector.isPostgres()) {
                System.out.println(connector.name() + ": run this in its database, for a snapshot of " + what + ": "
                        + signal.statement());
                return;
            }
            try (Connection connection = postgres.connect()) {
                signal.insert(connection);
            } catch (SQLException e) {
                throw new UnreachableException("cannot ask for a snapshot of " + what + " in PostgreSQL at "
                        + postgres.place() + ": " + e.getMessage());
            }
            System.out.println(connector.name() + ": a snapshot of " + what + " is asked for, "
                    + (incremental ? "beside the stream" : "and the stream goes on after it"));
        }
    }

    @Command(name = "list", mixinStandardHelpOptions = true, description = "Prints each connector and its state.")
    static final class ListAll extends Of {
        @Override
        int call(ConnectClient client) throws IOException {
            for (String name : client.names()) {
                ConnectorStatus status = client.status(name);
                System.out.println(name + "  " + status.connector() + ", task " + status.task());
            }
            return 0;
        }
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Prints a connector's state, and why it has failed. Exit 1 if it does not run.")
    static final class Status extends OfOne {
        @Override
        int callOne(ConnectClient client) throws IOException {
            ConnectorStatus status = client.status(name);
            System.out.println(name + "  " + status.connector() + ", task " + status.task()
                    + (status.reason().isEmpty() ? "" : "  " + Printable.of(status.reason())));
            return status.running() ? 0 : Tributary.NO;
        }
    }

    @Command(
            name = "restart",
            mixinStandardHelpOptions = true,
            description = "Starts a connector and its tasks anew, also one that was paused, and waits until it runs.")
    static final class Restart extends OfOne {
        @Override
        int callOne(ConnectClient client) throws IOException {
            client.restart(name);
            client.awaitRunning(name, true);
            System.out.println(name + " runs");
            return 0;
        }
    }

    @Command(
            name = "reset",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description =
                    "Lets a connector begin anew, with a snapshot of all its tables: after its slot was lost, or its database restored. Rows"
                            + " that the source no longer has go from mirrors and current rows; what changed between is in no history.")
    static final class Reset extends OfOne {
        private static final Set<String> WITHOUT_SNAPSHOT =
                Set.of("no_data", "never", "initial_only", "schema_only", "schema_only_recovery", "recovery");

        @Mixin
        private PostgresOptions postgres = new PostgresOptions();

        @Override
        int callOne(ConnectClient client) throws IOException {
            ObjectNode config =
                    client.config(name).orElseThrow(() -> new IOException("the connector " + name + " has gone"));
            String mode = config.path("snapshot.mode").asText("initial");
            if (WITHOUT_SNAPSHOT.contains(mode.toLowerCase(Locale.ROOT))) {
                throw new ConfigException("'snapshot.mode' of " + name
                        + " must be one that takes a snapshot and streams" + " (initial, always, when_needed), got '"
                        + mode + "': nothing would bring what is missing");
            }
            try {
                client.stop(name);
                client.deleteOffsets(name);
                if (new ConnectorFile(name, config).isPostgres()) {
                    dropLostSlot(ConnectorFile.slot(config));
                }
                client.restart(name);
                client.awaitRunning(name, true);
            } catch (IOException e) {
                throw new IOException(
                        e.getMessage() + "; " + name + " may be stopped: ./tributary connectors restart " + name
                                + " lets it run, ./tributary connectors reset " + name + " tries again",
                        e);
            }
            System.out.println(name + " takes a snapshot of all its tables, and goes on behind it");
            return 0;
        }

        private void dropLostSlot(String slot) {
            try (Connection connection = postgres.connect()) {
                ReplicationSlot.dropLost(connection, slot);
            } catch (SQLException | UnreachableException e) {
                System.out.println(
                        "%s: its slot %s cannot be looked at; if its WAL is gone, it is to be dropped by hand: %s"
                                .formatted(name, slot, Printable.of(String.valueOf(e.getMessage()))));
            }
        }
    }

    @Command(
            name = "delete",
            mixinStandardHelpOptions = true,
            description =
                    "Deletes a connector. Its offsets and its slot stay: one of the same name goes on where it was.")
    static final class Delete extends OfOne {
        @Override
        int callOne(ConnectClient client) throws IOException {
            client.delete(name);
            System.out.println(
                    name + " is deleted; its slot stays, and holds WAL: ./tributary check --component postgres");
            return 0;
        }
    }
}
