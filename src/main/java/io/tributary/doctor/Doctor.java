package io.tributary.doctor;

import io.tributary.config.PipelineConfig;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.sink.ConfiguredSink;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the components of a pipeline, each from outside and by itself. */
public final class Doctor {
    /** What is looked at beside the sinks, which come before the last of these. */
    public static final List<String> COMPONENTS = List.of("postgres", "kafka", "debezium", "flink", "metrics");

    /** What a kind of sink is called as a component. */
    public static String component(String sink) {
        return COMPONENTS.contains(sink) ? sink + "-sink" : sink;
    }

    /** Opens connections to the source's database. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    /**
     * Where everything is.
     *
     * @param postgresPlace {@code host:port/database}
     * @param kafka for the Kafka client, {@code bootstrap.servers} included
     * @param topics a pattern
     * @param connectors as they should be
     * @param pipeline null where none is known: then what sinks have is not held against what the topics have
     * @param sinks by {@link Doctor#component}
     */
    public record Surroundings(
            Connections postgres,
            String postgresPlace,
            Map<String, String> kafka,
            String topics,
            ConnectClient connect,
            List<ConnectorFile> connectors,
            String flink,
            @Nullable PipelineConfig pipeline,
            Map<String, ConfiguredSink> sinks,
            String metrics) {}

    private final Surroundings around;
    private final Positions positions;

    public Doctor(Surroundings around) {
        this.around = around;
        this.positions = new Positions(around.pipeline);
    }

    /**
     * Looks at Kafka alone.
     *
     * @param kafka for the client, {@code bootstrap.servers} included
     * @param topics a pattern
     */
    public static List<Finding> kafka(Map<String, String> kafka, String topics) {
        Findings to = new Findings("kafka");
        new KafkaCheck(kafka, topics, "http://127.0.0.1:1", new Positions(null)).look(to);
        return to.all();
    }

    /**
     * Looks at the components, in the order that a change flows.
     *
     * @param components of {@link #COMPONENTS}, and kinds of sinks
     */
    public List<Finding> look(Set<String> components) {
        List<String> all = new ArrayList<>(COMPONENTS);
        all.addAll(all.size() - 1, around.sinks.keySet());
        List<Finding> found = new ArrayList<>();
        for (String component : all) {
            if (components.contains(component)) {
                found.addAll(look(component));
            }
        }
        return found;
    }

    private List<Finding> look(String component) {
        Findings to = new Findings(component);
        switch (component) {
            case "postgres" -> new PostgresCheck(around.postgres, around.postgresPlace, around.connectors).look(to);
            case "kafka" -> new KafkaCheck(around.kafka, around.topics, around.flink, positions).look(to);
            case "debezium" -> new ConnectCheck(around.connect, around.connectors).look(to);
            case "flink" -> new FlinkCheck(new FlinkRest(around.flink)).look(to);
            case "metrics" -> new JobMetricsCheck(around.metrics).look(to);
            default ->
                new SinkCheck(Objects.requireNonNull(around.sinks.get(component)), positions, around.metrics).look(to);
        }
        return to.all();
    }
}
