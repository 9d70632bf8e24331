package io.tributary.local;

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

/** <a href="https://kafka.apache.org/documentation/#connect_rest">Kafka Connect's REST interface</a> on this machine. */
final class ConnectApi {
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final String url;

    ConnectApi(int port) {
        this.url = "http://127.0.0.1:" + port;
    }

    String url() {
        return url;
    }

    boolean ready() throws IOException {
        try {
            return send(request("/connectors").timeout(Duration.ofSeconds(2)).build())
                            .statusCode()
                    == 200;
        } catch (ConnectException | HttpTimeoutException e) {
            return false;
        }
    }

    HttpResponse<String> get(String path) throws IOException {
        return send(request(path).build());
    }

    HttpResponse<String> put(String path, String json) throws IOException {
        return send(request(path)
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json))
                .build());
    }

    static String encode(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url + path)).timeout(PATIENCE);
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for Kafka Connect");
        }
    }
}
