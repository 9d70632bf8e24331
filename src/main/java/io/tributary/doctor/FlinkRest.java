package io.tributary.doctor;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What of <a href="https://nightlies.apache.org/flink/flink-docs-release-2.2/docs/ops/rest_api/">Flink's REST interface</a> is asked. */
final class FlinkRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 50;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final String url;

    FlinkRest(String url) {
        this.url = url;
    }

    String url() {
        return url;
    }

    JsonNode get(String path) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE).build();
        try {
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("GET " + path + " is answered " + answer.statusCode());
            }
            return JSON.readTree(answer.body());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for Flink");
        }
    }

    /** The jobs, the newest first, each with {@code jid}, {@code name} and {@code state}. */
    List<JsonNode> jobs() throws IOException {
        List<JsonNode> jobs = new ArrayList<>();
        get("/jobs/overview").path("jobs").forEach(jobs::add);
        jobs.sort((one, other) -> Long.compare(
                other.path("start-time").asLong(), one.path("start-time").asLong()));
        return jobs;
    }

    /** The values of a metric that is a text, of all of a job's tasks, without the empty ones. */
    List<String> texts(String job, String metric) throws IOException {
        List<String> texts = new ArrayList<>();
        for (JsonNode vertex : get("/jobs/" + job).path("vertices")) {
            String metrics = "/jobs/" + job + "/vertices/" + vertex.path("id").asText() + "/metrics";
            List<String> ids = new ArrayList<>();
            for (JsonNode each : get(metrics)) {
                if (each.path("id").asText().endsWith("." + metric)) {
                    ids.add(each.path("id").asText());
                }
            }
            for (int from = 0; from < ids.size(); from += AT_ONCE) {
                String some = String.join(",", ids.subList(from, Math.min(ids.size(), from + AT_ONCE)));
                for (JsonNode each : get(metrics + "?get=" + URLEncoder.encode(some, StandardCharsets.UTF_8))) {
                    if (!each.path("value").asText().isEmpty()) {
                        texts.add(each.path("value").asText());
                    }
                }
            }
        }
        return texts;
    }

    /** When the newest checkpoint of a job was complete, in milliseconds since 1970; 0 if there is none. */
    long newestCheckpoint(String job) throws IOException {
        return newestComplete(get("/jobs/" + job + "/checkpoints"));
    }

    /** The same, of an answer about checkpoints. */
    static long newestComplete(JsonNode checkpoints) {
        return checkpoints
                .path("latest")
                .path("completed")
                .path("latest_ack_timestamp")
                .asLong(0);
    }
}
