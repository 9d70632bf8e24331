package io.tributary.doctor;

import io.tributary.config.PipelineConfig;
import io.tributary.connect.ConnectClient;
import io.tributary.connect.ConnectorFile;
import io.tributary.doctor.Finding.Component;
import io.tributary.lake.LakeSettings;
import io.tributary.warehouse.WarehouseSettings;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the components of a pipeline, each from outside and by itself. */
public final class Doctor {
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
     * @param lake null where none is known: then it is not looked at
     * @param warehouse the same
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
            @Nullable LakeSettings lake,
            @Nullable WarehouseSettings warehouse,
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
        Findings to = new Findings(Component.KAFKA);
        new KafkaCheck(kafka, topics, "http://127.0.0.1:1", new Positions(null)).look(to);
        return to.all();
    }

    /** Looks at the components, in the order that a change flows. */
    public List<Finding> look(Set<Component> components) {
        List<Finding> all = new ArrayList<>();
        for (Component component : Component.values()) {
            if (components.contains(component)) {
                all.addAll(look(component));
            }
        }
        return all;
    }

    private List<Finding> look(Component component) {
        Findings to = new Findings(component);
        switch (component) {
            case POSTGRES -> new PostgresCheck(around.postgres, around.postgresPlace, around.connectors).look(to);
            case KAFKA -> new KafkaCheck(around.kafka, around.topics, around.flink, positions).look(to);
            case DEBEZIUM -> new ConnectCheck(around.connect, around.connectors).look(to);
            case FLINK -> new FlinkCheck(new FlinkRest(around.flink)).look(to);
            case LAKE -> {
                if (around.lake != null) {
                    new LakeCheck(around.lake, positions).look(to);
                }
            }
            case WAREHOUSE -> {
                if (around.warehouse != null) {
                    new WarehouseCheck(around.warehouse, positions).look(to);
                    new RowsCheck(around.warehouse, positions, around.metrics).look(to);
                }
            }
            case METRICS -> new JobMetricsCheck(around.metrics).look(to);
        }
        return to.all();
    }
}
