package io.tributary.doctor;

import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorStatus;
import io.tributary.flow.MetricName;
import io.tributary.http.ReadOnlyServer;
import io.tributary.http.ReadOnlyServer.Answer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the job cannot know of its source, in Prometheus's text format: replication slots, and connectors. */
public final class Exporter {
    /** The content type. */
    public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);

    private static final long PATIENCE_MILLIS = 1_000;
    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "exporter");
        thread.setDaemon(true);
        return thread;
    });

    private final Part connectors;
    private final Part slots;

    public Exporter(Doctor.Connections postgres, ConnectClient connect) {
        connectors = new Part("connect", () -> connectors(connect));
        slots = new Part("postgres", () -> slots(postgres));
    }

    /** All samples; of a part that does not answer within a second, none but that it is down. */
    public synchronized String text() {
        return connectors.text() + slots.text();
    }

    /**
     * Shows the samples at {@code /metrics}, until the server is closed.
     *
     * @throws IOException if the address cannot be listened on
     */
    public ReadOnlyServer listen(InetSocketAddress address) throws IOException {
        return ReadOnlyServer.listen(
                address,
                "exporter",
                path -> path.equals("/metrics")
                        ? Answer.of(TYPE, text())
                        : Answer.refusal(404, "there is /metrics alone"));
    }

    /** One part. It is asked in a thread of its own: one that hangs must hold up neither the other nor who asks. */
    private static final class Part {
        private final String name;
        private final Callable<String> samples;
        private @Nullable Future<String> asked;

        Part(String name, Callable<String> samples) {
            this.name = name;
            this.samples = samples;
        }

        String text() {
            Future<String> answer = asked == null ? THREADS.submit(samples) : asked;
            asked = answer;
            StringBuilder text = new StringBuilder();
            boolean isUp = false;
            try {
                text.append(answer.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS));
                asked = null;
                isUp = true;
            } catch (ExecutionException e) {
                LOG.debug("{} does not answer", name, e);
                asked = null;
            } catch (TimeoutException e) {
                LOG.debug("{} does not answer in time", name); // looked for again the next time
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            sample(text, MetricName.SOURCE_UP, name, isUp ? 1 : 0);
            return text.toString();
        }
    }

    private static String connectors(ConnectClient connect) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String name : connect.names()) {
            ConnectorStatus status = connect.status(name);
            sample(text, MetricName.CONNECTOR_RUNNING, name, status.running() ? 1 : 0);
        }
        return text.toString();
    }

    private static String slots(Doctor.Connections postgres) throws SQLException {
        StringBuilder text = new StringBuilder();
        try (Connection connection = postgres.open();
                Statement statement = connection.createStatement();
                ResultSet slot = statement.executeQuery("""
                        select slot_name, active::int, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint
                        from pg_replication_slots where slot_type = 'logical' and database = current_database()""")) {
            while (slot.next()) {
                sample(text, MetricName.SLOT_ACTIVE, slot.getString(1), slot.getLong(2));
                sample(text, MetricName.SLOT_LAG, slot.getString(1), slot.getLong(3));
            }
        }
        return text.toString();
    }

    private static void sample(StringBuilder text, MetricName metric, String value, long number) {
        List<String> labels = metric.labels();
        text.append(metric.template())
                .append('{')
                .append(labels.get(0))
                .append("=\"")
                .append(value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n"))
                .append("\"} ")
                .append(number)
                .append('\n');
    }
}
