package io.tributary.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tributary.change.TableName;
import io.tributary.connect.ConnectClient;
import io.tributary.doctor.Exporter;
import io.tributary.http.ReadOnlyServer;
import io.tributary.http.ReadOnlyServer.Answer;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The demo's page, on this machine only: {@code /} and its files, {@code /api/now} as JSON, {@code /job/metrics} as the job's
 * Prometheus endpoint has them, and {@code /metrics} of the source. It works only while somebody looks.
 */
public final class LivePage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LivePage.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WEBJARS = "/META-INF/resources/webjars/";
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    /** How long after the last look it goes on. */
    private static final long ATTENTION = 10_000;

    private static final Map<String, Served> FILES = Map.of(
            "/", new Served("/live/index.html", "text/html; charset=utf-8"),
            "/live.js", new Served("/live/live.js", "text/javascript; charset=utf-8"),
            "/live.css", new Served("/live/live.css", "text/css; charset=utf-8"),
            "/webjars/uplot.js", new Served(WEBJARS + "uplot/1.6.30/dist/uPlot.iife.min.js", "text/javascript"),
            "/webjars/uplot.css", new Served(WEBJARS + "uplot/1.6.30/dist/uPlot.min.css", "text/css"),
            "/webjars/pico.css", new Served(WEBJARS + "picocss__pico/2.1.1/css/pico.min.css", "text/css"));

    private record Served(String resource, String type) {}

    private final LocalStack stack;
    private final LongSupplier changed;
    private final LakeTail lake;
    private final Exporter exporter;
    private final ReadOnlyServer server;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor(LivePage::daemon);
    private volatile String now;
    private volatile long lookedAt;

    private LivePage(LocalStack stack, LongSupplier changed, String lake, int port) throws IOException {
        this.stack = stack;
        this.changed = changed;
        this.lake =
                new LakeTail(lake, DemoTables.NAMES.stream().map(LivePage::name).toList());
        this.exporter = new Exporter(
                () -> stack.postgres().connect(LocalStack.DATABASE),
                new ConnectClient(stack.addresses().getOrDefault("connect", "")));
        this.now = answer(false);
        server = ReadOnlyServer.listen(port, "live-page", this::serve);
    }

    /**
     * Starts it.
     *
     * @param changed how many rows the demo has changed
     * @param lake as a URI
     */
    public static LivePage start(LocalStack stack, LongSupplier changed, String lake, int port) throws IOException {
        LivePage page = new LivePage(stack, changed, lake, port);
        var unused = page.looking.scheduleWithFixedDelay(page::look, 0, 1, TimeUnit.SECONDS);
        return page;
    }

    private static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "live-page");
        thread.setDaemon(true);
        return thread;
    }

    private static TableName name(String text) {
        int dot = text.indexOf('.');
        return new TableName(text.substring(0, dot), text.substring(dot + 1));
    }

    public String url() {
        return "http://127.0.0.1:" + server.port();
    }

    private Answer serve(String path) throws IOException {
        return switch (path) {
            case "/api/now" -> {
                lookedAt = System.currentTimeMillis();
                yield Answer.of("application/json", now);
            }
            case "/job/metrics" -> metrics();
            case "/metrics" -> Answer.of(Exporter.TYPE, exporter.text());
            default -> file(path);
        };
    }

    private Answer metrics() {
        HttpRequest request = HttpRequest.newBuilder(URI.create(stack.flink().metricsUrl()))
                .timeout(PATIENCE)
                .build();
        try {
            HttpResponse<byte[]> answer = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return new Answer(answer.statusCode(), Exporter.TYPE, answer.body());
        } catch (IOException e) {
            return Answer.refusal(502, "Flink shows no metrics: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Answer.refusal(503, "the page is closing");
        }
    }

    private static Answer file(String path) throws IOException {
        Served file = FILES.get(path);
        if (file == null) {
            return Answer.refusal(404, "there is no " + path);
        }
        try (InputStream content = LivePage.class.getResourceAsStream(file.resource)) {
            if (content == null) {
                throw new IOException(file.resource + " is not on the class path");
            }
            return new Answer(200, file.type, content.readAllBytes());
        }
    }

    /** What it finds is shown until the next time: a look at a large lake takes its time. */
    @SuppressWarnings("CatchingUnchecked") // it must not end the looking
    private void look() {
        if (System.currentTimeMillis() - lookedAt > ATTENTION) {
            return;
        }
        try {
            lake.follow();
            now = answer(true);
        } catch (Exception e) {
            LOG.warn("the page cannot look: {}", e.toString());
        }
    }

    private String answer(boolean counted) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("changed", changed.getAsLong());
        node.put("flink", stack.flink().url());
        node.put("connect", stack.addresses().get("connect"));
        node.put("trouble", stack.connectorTrouble());
        ArrayNode tables = node.putArray("tables");
        try (Connection connection = stack.postgres().connect(LocalStack.DATABASE);
                Statement statement = connection.createStatement()) {
            for (String table : DemoTables.NAMES) {
                try (ResultSet row = statement.executeQuery("select count(*) from " + table)) {
                    row.next();
                    tables.addObject()
                            .put("table", table)
                            .put("source", row.getLong(1))
                            .put("lake", lake.rows(table))
                            .put("history", lake.changes(table))
                            .put("counted", counted);
                }
            }
        } catch (SQLException e) {
            node.put("trouble", "PostgreSQL: " + e.getMessage());
        }
        lines(node.putArray("changes"), lake.newestChanges(), "op", "row");
        lines(node.putArray("letters"), lake.newestLetters(), "reason", "detail");
        return node.toString();
    }

    private static void lines(ArrayNode to, List<LakeTail.Line> lines, String what, String text) {
        lines.forEach(line -> to.addObject()
                .put("at", line.at())
                .put(what, line.what())
                .put("table", line.table())
                .put(text, line.text()));
    }

    @Override
    public void close() {
        server.close();
        looking.shutdownNow();
    }
}
