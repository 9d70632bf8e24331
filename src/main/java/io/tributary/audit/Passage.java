package io.tributary.audit;

import io.tributary.config.PipelineConfig;
import io.tributary.source.KafkaProbe;
import io.tributary.source.TopicReader;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Whether everything that the source had committed at a moment has come through Debezium, Kafka and the job into the sinks: the
 * replication slots have confirmed a position after it, a checkpoint has read what the topics had then, and the sinks have had
 * the time that they may take.
 */
final class Passage {
    /** So many records are looked at: transactions end with some that nobody reads. */
    private static final int FEW = 100;

    private final Connection source;
    private final PipelineConfig config;
    private final Duration lag;
    private final String position;
    private @Nullable Map<TopicPartition, Long> ends;
    private long readAt;

    /** @param lag how long after a checkpoint the sinks may have its changes */
    Passage(Connection source, PipelineConfig config, Duration lag) throws SQLException {
        this.source = source;
        this.config = config;
        this.lag = lag;
        // a change of its own, or in a source that is still nothing would confirm the position
        this.position = text("select pg_logical_emit_message(true, 'tributary', 'audit')");
    }

    /** What has yet to happen, or an empty text if nothing has. */
    String missing() throws SQLException, IOException {
        if (readAt != 0) {
            long left = lag.toMillis() - (System.nanoTime() - readAt) / 1_000_000;
            return left <= 0 ? "" : "the sinks may take another %d s".formatted(1 + left / 1000);
        }
        if (ends == null) {
            String slots = slots();
            if (!slots.isEmpty()) {
                return "the slot " + slots + " has not confirmed " + position;
            }
        }
        KafkaProbe kafka = KafkaProbe.open(config.kafka());
        ends = ends == null ? kafka.ends() : ends;
        long behind = 0;
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            behind += behind(end.getKey(), kafka.read().getOrDefault(end.getKey(), 0L), end.getValue());
        }
        if (behind > 0) {
            return "the job is %,d records behind".formatted(behind);
        }
        readAt = System.nanoTime();
        return missing();
    }

    /** How many records lie between. */
    private long behind(TopicPartition partition, long read, long end) throws IOException {
        if (end - read > FEW || read >= end) {
            return Math.max(0, end - read);
        }
        long[] records = new long[1];
        new TopicReader(config.kafka().bootstrap(), config.kafka().properties(), line -> {})
                .readFrom(partition.topic(), partition.partition(), read, record -> {
                    records[0] += record.offset < end ? 1 : 0;
                });
        return records[0];
    }

    /** The slots of the source's connectors that are behind; one that is not active has lost its connector. */
    private String slots() throws SQLException {
        try (PreparedStatement statement = source.prepareStatement("""
                select coalesce(string_agg(slot_name || case when active then '' else ' (nobody reads it)' end, ', '), '')
                from pg_replication_slots
                where slot_type = 'logical' and database = current_database()
                  and confirmed_flush_lsn < ?::pg_lsn
                """)) {
            statement.setString(1, position);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getString(1) : "";
            }
        }
    }

    private String text(String query) throws SQLException {
        try (Statement statement = source.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
