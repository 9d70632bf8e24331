package io.tributary.connect;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.flow.Nearest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** <a href="https://kafka.apache.org/documentation/#connect_rest">Kafka Connect's REST interface</a>. */
public final class ConnectClient {
    private static final Duration PATIENCE = Duration.ofSeconds(100);
    private static final Duration RUNNING = Duration.ofSeconds(90);
    /** Longer than a worker takes to hear of a request and to act on it. */
    private static final Duration LASTING = Duration.ofSeconds(4);

    private static final long POLL_MILLIS = 50;
    private static final int UNAUTHORIZED = 401;
    private static final int NOT_FOUND = 404;
    /** What settings that are somebody else's begin with. */
    private static final List<String> PASSED_ON = List.of(
            "key.converter.",
            "value.converter.",
            "header.converter.",
            "transforms.",
            "predicates.",
            "producer.override.",
            "consumer.override.",
            "admin.override.",
            "topic.creation.",
            "schema.history.internal.",
            "database.",
            "driver.",
            "column.",
            "signal.",
            "notification.",
            "custom.");

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    /** As Kafka 4.2.2 says it: what a reason quotes may be secret. */
    private static final String KEPT_BACK = "resolved from the config provider";

    private static final String LOOK =
            " (Connect's log has the reason; ./tributary check --component postgres looks too)";

    private final String url;
    private final @Nullable String authorization;

    /** @param url of a worker that asks for no password, without a slash at its end */
    public ConnectClient(String url) {
        this(url, null);
    }

    /** @param login what the worker asks for, or null */
    public ConnectClient(String url, @Nullable Login login) {
        this.url = url;
        this.authorization = login == null ? null : login.header();
    }

    /** Who asks, for HTTP's basic authentication. */
    public record Login(String user, String password) {
        /** The value of {@code Authorization}. */
        public String header() {
            return "Basic "
                    + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String toString() {
            return user; // for logs
        }
    }

    public String url() {
        return url;
    }

    /** Whether the worker has joined its group and read its connectors. */
    public boolean ready() throws IOException {
        try {
            return send(request("/connectors").timeout(Duration.ofSeconds(2)).build())
                            .statusCode()
                    == 200;
        } catch (ConnectException | HttpTimeoutException e) {
            return false;
        }
    }

    /** The names of all connectors. */
    public List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        JSON.readTree(well(get("/connectors"), "list the connectors").body()).forEach(name -> names.add(name.asText()));
        names.sort(null);
        return names;
    }

    /** The connector's state now, {@code UNKNOWN} if there is none of this name or it has no state yet. */
    public ConnectorStatus status(String name) throws IOException {
        HttpResponse<String> answer = get(path(name) + "/status");
        return answer.statusCode() == 200 ? ConnectorStatus.of(JSON.readTree(answer.body())) : ConnectorStatus.UNKNOWN;
    }

    /** The configuration that the connector has; empty if there is none of this name. */
    public Optional<ObjectNode> config(String name) throws IOException {
        HttpResponse<String> answer = get(path(name) + "/config");
        return answer.statusCode() == NOT_FOUND
                ? Optional.empty()
                : Optional.of((ObjectNode)
                        JSON.readTree(well(answer, "read the connector " + name).body()));
    }

    /**
     * The settings that neither the connector's class nor Connect knows, which are ignored without a word. Those that go to something
     * else (a converter, a driver, a transform) are not judged.
     */
    public List<UnknownSetting> unknownSettings(ConnectorFile connector) throws IOException {
        String type = connector.config().path("connector.class").asText();
        HttpRequest validate = request("/connector-plugins/" + encoded(type) + "/config/validate")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(connector.config().toString()))
                .build();
        Set<String> known = new HashSet<>();
        JSON.readTree(well(send(validate), "look at the settings of " + type).body())
                .path("configs")
                .forEach(each -> known.add(each.path("definition").path("name").asText()));
        // each of these has settings behind a name of its own
        List<String> passedOn = new ArrayList<>(PASSED_ON);
        for (String setting : List.of("converters", "post.processors")) {
            for (String name : connector.config().path(setting).asText("").split(",", -1)) {
                if (!name.isBlank()) {
                    passedOn.add(name.strip() + ".");
                }
            }
        }
        List<UnknownSetting> unknown = new ArrayList<>();
        connector.config().fieldNames().forEachRemaining(name -> {
            if (!known.contains(name) && passedOn.stream().noneMatch(name::startsWith)) {
                unknown.add(new UnknownSetting(name, Nearest.of(name, known)));
            }
        });
        return unknown;
    }

    /** @param nearest the one that may have been meant; empty if none is near */
    public record UnknownSetting(String name, String nearest) {}

    /**
     * Creates the connector, or gives it this configuration.
     *
     * @throws IOException if the configuration is refused; the message holds the reason
     */
    public void apply(ConnectorFile connector) throws IOException {
        HttpRequest put = request(path(connector.name()) + "/config")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(connector.config().toString()))
                .build();
        HttpResponse<String> answer = send(put);
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("Kafka Connect refuses connector " + connector.name() + ": " + reason(answer.body()));
        }
    }

    /**
     * Waits until the connector and its task run. That says nothing yet of the database: a running task may be waiting for it.
     *
     * @param wasThere whether it had a state before, which may be told for a while: then a state counts when it lasts
     * @throws IOException if it fails, with the first line of the reason, or does not start
     */
    public void awaitRunning(String name, boolean wasThere) throws IOException {
        long deadline = System.nanoTime() + RUNNING.toNanos();
        long lasting = wasThere ? LASTING.toNanos() : 0;
        ConnectorStatus last = ConnectorStatus.UNKNOWN;
        long since = System.nanoTime();
        while (true) {
            ConnectorStatus status = status(name);
            long now = System.nanoTime();
            since = status.equals(last) ? since : now;
            last = status;
            boolean holds = now - since >= lasting;
            if (holds && status.failed()) {
                throw new IOException("connector " + name + " failed: " + status.reason());
            }
            if (holds && status.running()) {
                return;
            }
            if (now > deadline) {
                throw new IOException(
                        "connector " + name + " did not start in " + RUNNING.toSeconds() + " s: " + status);
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    /** Starts the connector and its tasks anew, and lets it run if it was paused. */
    public void restart(String name) throws IOException {
        well(put(path(name) + "/resume"), "resume " + name);
        well(
                send(request(path(name) + "/restart?includeTasks=true")
                        .POST(HttpRequest.BodyPublishers.noBody())
                        .build()),
                "restart " + name);
    }

    /**
     * Stops the connector, and waits until its task has ended; {@link #restart} lets it run again.
     *
     * @throws IOException if it does not end
     */
    public void stop(String name) throws IOException {
        well(put(path(name) + "/stop"), "stop " + name);
        long deadline = System.nanoTime() + RUNNING.toNanos();
        while (!status(name).stopped()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "connector " + name + " did not stop in " + RUNNING.toSeconds() + " s: " + status(name));
            }
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    /** Deletes the offsets of a connector that is stopped: it begins anew, as its {@code snapshot.mode} says. */
    public void deleteOffsets(String name) throws IOException {
        well(send(request(path(name) + "/offsets").DELETE().build()), "delete the offsets of " + name);
    }

    /** Deletes the connector; its offsets stay, and one of the same name goes on there. */
    public void delete(String name) throws IOException {
        well(send(request(path(name)).DELETE().build()), "delete " + name);
    }

    private static String path(String name) {
        return "/connectors/" + encoded(name);
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpResponse<String> get(String path) throws IOException {
        return send(request(path).build());
    }

    private HttpResponse<String> put(String path) throws IOException {
        return send(request(path).PUT(HttpRequest.BodyPublishers.noBody()).build());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE);
        return authorization == null ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == UNAUTHORIZED) {
                throw new IOException("Kafka Connect at " + url + " asks for a user and a password"
                        + (authorization == null ? "" : ", and takes not those given")
                        + " (CONNECT_USER and CONNECT_PASSWORD)");
            }
            return answer;
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static InterruptedIOException interrupted() {
        Thread.currentThread().interrupt();
        return new InterruptedIOException("interrupted while waiting for Kafka Connect");
    }

    private static HttpResponse<String> well(HttpResponse<String> answer, String what) throws IOException {
        if (answer.statusCode() / 100 != 2) {
            throw new IOException("Kafka Connect cannot " + what + ": " + reason(answer.body()));
        }
        return answer;
    }

    private static String reason(String body) throws IOException {
        String message =
                body.startsWith("{") ? JSON.readTree(body).path("message").asText(body) : body;
        String reason = message.lines()
                .filter(line -> !line.isBlank())
                .limit(3)
                .reduce((a, b) -> a + " " + b)
                .orElse("no reason given");
        return reason.contains(KEPT_BACK) ? reason + LOOK : reason;
    }
}
