package io.tributary.cli;

import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectClient.Login;
import io.tributary.connect.ConnectorFile;
import io.tributary.flow.ConfigException;
import io.tributary.local.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Kafka Connect, and what connectors it should have. */
final class ConnectOptions {
    @Option(
            names = "--connect",
            paramLabel = "URL",
            description = "Kafka Connect (default: CONNECT_URL, or the running demo's, or http://localhost:8083;"
                    + " where it asks for a password: CONNECT_USER, CONNECT_PASSWORD)")
    private @Nullable String url;

    @Option(
            names = "--connector",
            paramLabel = "FILE.json",
            description = "a connector that there should be (default: that of a running 'up', or all of debezium/)")
    private @Nullable List<Path> files;

    String url() {
        String chosen = RunningStack.or(url, "CONNECT_URL", "connect", "http://localhost:8083");
        return chosen.endsWith("/") ? chosen.substring(0, chosen.length() - 1) : chosen;
    }

    ConnectClient client() {
        return client(url());
    }

    static ConnectClient client(String url) {
        return new ConnectClient(url, login(url));
    }

    /** The demo's password goes to the demo only. */
    private static @Nullable Login login(String url) {
        String user = System.getenv("CONNECT_USER");
        String password = System.getenv("CONNECT_PASSWORD");
        if (password != null) {
            return new Login(user == null ? LocalStack.CONNECT_USER : user, password);
        }
        return RunningStack.address("connect")
                .filter(url::equals)
                .flatMap(demo -> RunningStack.address("connect.password"))
                .map(secret -> new Login(LocalStack.CONNECT_USER, secret))
                .orElse(null);
    }

    /** @throws ConfigException if one is none, in one line */
    List<ConnectorFile> files() throws IOException {
        List<ConnectorFile> connectors = new ArrayList<>();
        for (Path file : files == null ? shipped() : files) {
            try {
                connectors.add(ConnectorFile.read(file));
            } catch (IOException e) {
                throw new ConfigException("'--connector' " + e.getMessage());
            }
        }
        return connectors;
    }

    private static List<Path> shipped() throws IOException {
        Optional<Path> running = RunningStack.address("connector").map(Path::of);
        if (running.isPresent()) {
            return List.of(running.get());
        }
        Path folder = Path.of(System.getProperty("tributary.home", "."), "debezium");
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }
}
