package io.tributary.doctor;

import io.tributary.connect.ConnectorFile;
import io.tributary.doctor.Finding.Level;
import io.tributary.flow.Shown;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What would make a connector break the application, or run and send nothing. */
public final class Obstacles {
    private static final Logger LOG = LoggerFactory.getLogger(Obstacles.class);
    private static final int PATIENCE_SECONDS = 10;

    private Obstacles() {}

    /**
     * Looks before a connector is applied.
     *
     * @param bootstrap of Kafka; empty where that is not known
     * @return what stands in the way
     */
    public static List<Finding> of(
            Doctor.Connections postgres, String place, ConnectorFile connector, String bootstrap) {
        List<Finding> wrong = new ArrayList<>();
        if (connector.isPostgres()) {
            Findings to = new Findings("postgres");
            new PostgresCheck(postgres, place, List.of(connector)).lookAhead(connector, to);
            to.all().stream().filter(finding -> finding.level() == Level.WRONG).forEach(wrong::add);
        }
        Findings to = new Findings("debezium");
        if (!connector.config().has("topic.creation.default.partitions") && makesNoTopics(bootstrap)) {
            to.wrong(
                    "connector " + connector.name()
                            + " has no topic.creation.default.partitions, and the brokers make no topics: it would run, and nothing would come",
                    "set topic.creation.default.partitions and topic.creation.default.replication.factor");
        }
        wrong.addAll(to.all());
        return wrong;
    }

    private static boolean makesNoTopics(String bootstrap) {
        if (bootstrap.isEmpty()) {
            return false;
        }
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("default.api.timeout.ms", String.valueOf(PATIENCE_SECONDS * 1000));
        settings.put("request.timeout.ms", String.valueOf(PATIENCE_SECONDS * 500));
        try (Admin admin = Admin.create(settings)) {
            Node node = admin.describeCluster()
                    .nodes()
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .iterator()
                    .next();
            ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
            Map<ConfigResource, Config> all =
                    admin.describeConfigs(List.of(broker)).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return all.values().stream()
                    .map(config -> config.get("auto.create.topics.enable"))
                    .anyMatch(entry -> entry != null && "false".equals(entry.value()));
        } catch (KafkaException | ExecutionException | TimeoutException e) {
            LOG.info("Kafka does not tell whether it makes topics: {}", Shown.message(e));
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
