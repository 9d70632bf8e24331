package io.tributary.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.connect.ConnectClient.Login;
import io.tributary.http.Hosts;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.AppInfoParser;
import org.apache.kafka.connect.rest.ConnectRestExtension;
import org.apache.kafka.connect.rest.ConnectRestExtensionContext;

/**
 * Stands before Kafka Connect's REST interface. Who has no password may read, under this machine's own name: connectors, their states, their
 * configuration as it was given. Who writes a configuration could have the worker run code or tell what {@code ${env:NAME}} stands for; so
 * that takes the password, and such a name goes into the {@code database.} settings of a Debezium connector only.
 */
public final class ConnectGuard implements ConnectRestExtension {
    /** The only user. */
    static final String USER = "tributary";

    /** The worker's setting that has the password. */
    static final String PASSWORD = "tributary.rest.password";

    private static final Set<String> READING = Set.of("GET", "HEAD");
    private static final ObjectMapper JSON = new ObjectMapper();

    private byte[] expected = {};

    @Override
    public void configure(Map<String, ?> worker) {
        expected =
                new Login(USER, String.valueOf(worker.get(PASSWORD))).header().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void register(ConnectRestExtensionContext context) {
        context.configurable().register((ContainerRequestFilter) this::look);
    }

    private void look(ContainerRequestContext request) throws IOException {
        if (!Hosts.isThisMachine(request.getHeaderString(HttpHeaders.HOST))) {
            refuse(request, Response.Status.FORBIDDEN, "only for this machine");
        } else if (!READING.contains(request.getMethod())) {
            String given = String.valueOf(request.getHeaderString(HttpHeaders.AUTHORIZATION));
            if (!MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
                refuse(request, Response.Status.UNAUTHORIZED, "this takes the password of the user " + USER);
                return;
            }
            byte[] body = request.getEntityStream().readAllBytes();
            request.setEntityStream(new ByteArrayInputStream(body));
            String refusal = body.length == 0 ? "" : refusal(body);
            if (!refusal.isEmpty()) {
                refuse(request, Response.Status.FORBIDDEN, refusal);
            }
        }
    }

    /** Why Connect does not get this; empty if it does. */
    static String refusal(byte[] body) {
        JsonNode json;
        try {
            json = JSON.readTree(body);
        } catch (IOException e) {
            return "not JSON: " + e.getClass().getSimpleName();
        }
        JsonNode config = json.path("config").isObject() ? json.get("config") : json;
        boolean debezium = config.path("connector.class").asText("").startsWith("io.debezium.");
        for (Map.Entry<String, JsonNode> each : config.properties()) {
            boolean allowed = debezium && each.getKey().startsWith("database.");
            if (!allowed && each.getValue().toString().contains("${")) {
                return each.getKey() + ": ${...} may stand in the database. settings of a Debezium connector only";
            }
        }
        return "";
    }

    private static void refuse(ContainerRequestContext request, Response.Status status, String reason) {
        request.abortWith(Response.status(status)
                .type(MediaType.APPLICATION_JSON_TYPE)
                .entity(JSON.createObjectNode()
                        .put("error_code", status.getStatusCode())
                        .put("message", reason)
                        .toString())
                .build());
    }

    @Override
    public String version() {
        return AppInfoParser.getVersion();
    }

    @Override
    public void close() {}
}
