package io.tributary.doctor;

import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorStatus;
import io.tributary.flow.MetricName;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the job cannot know of its source, in Prometheus's text format: replication slots, and connectors. */
public final class Exporter {
    /** The content type. */
    public static final String TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private static final Logger LOG = LoggerFactory.getLogger(Exporter.class);

    private final Doctor.Connections postgres;
    private final ConnectClient connect;

    public Exporter(Doctor.Connections postgres, ConnectClient connect) {
        this.postgres = postgres;
        this.connect = connect;
    }

    /** All samples; of a part that does not answer, none but that it is down. */
    public String text() {
        StringBuilder text = new StringBuilder();
        connectors(text);
        slots(text);
        return text.toString();
    }

    private void connectors(StringBuilder text) {
        boolean isUp = true;
        try {
            for (String name : connect.names()) {
                ConnectorStatus status = connect.status(name);
                sample(text, MetricName.CONNECTOR_RUNNING, name, status.running() ? 1 : 0);
            }
        } catch (IOException e) {
            LOG.debug("Kafka Connect does not answer", e);
            isUp = false;
        }
        sample(text, MetricName.SOURCE_UP, "connect", isUp ? 1 : 0);
    }

    private void slots(StringBuilder text) {
        boolean isUp = true;
        try (Connection connection = postgres.open();
                Statement statement = connection.createStatement();
                ResultSet slot = statement.executeQuery("""
                        select slot_name, active::int, coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn), 0)::bigint
                        from pg_replication_slots where slot_type = 'logical' and database = current_database()""")) {
            while (slot.next()) {
                sample(text, MetricName.SLOT_ACTIVE, slot.getString(1), slot.getLong(2));
                sample(text, MetricName.SLOT_LAG, slot.getString(1), slot.getLong(3));
            }
        } catch (SQLException e) {
            LOG.debug("PostgreSQL does not answer", e);
            isUp = false;
        }
        sample(text, MetricName.SOURCE_UP, "postgres", isUp ? 1 : 0);
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
