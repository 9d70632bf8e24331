package io.tributary;

import io.tributary.change.Reached;
import io.tributary.config.PipelineConfig;
import io.tributary.deadletter.DeadLetterSettings;
import io.tributary.deadletter.DeadLetterTopic;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.lake.LakeProbe;
import io.tributary.lake.LakeSettings;
import io.tributary.source.KafkaProbe;
import io.tributary.source.Sources;
import io.tributary.warehouse.WarehouseProbe;
import io.tributary.warehouse.WarehouseSettings;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;

/** What must hold before a job is worth starting. */
public final class Preflight {
    private Preflight() {}

    /**
     * Checks the outside systems, and makes the topic of the dead letters if it is not there.
     *
     * @param fresh whether the job starts without state, so that it needs the topics from where the lake ends
     * @throws ConfigException if the topic of the dead letters takes less than its producer would send
     * @throws UnreachableException if Kafka cannot be reached, a sink cannot be written, or its end is no longer in Kafka
     */
    public static void check(PipelineConfig config, boolean fresh) {
        LakeSettings lake = config.sinks().lake();
        if (lake != null) {
            LakeProbe.check(lake);
        }
        WarehouseSettings warehouse = config.warehouseSettings();
        Map<String, Reached> mirrors = warehouse == null ? Map.of() : mirrors(warehouse, true);
        String file = config.source().file();
        if (file != null) {
            Set<String> topics = Sources.topics(file);
            config.checkHidden(topics);
            config.checkTables(topics);
        }
        if (file == null) {
            KafkaProbe kafka = KafkaProbe.open(config.kafka());
            Collection<String> topics = kafka.topics();
            config.checkHidden(topics);
            if (!fresh && kafka.read().values().stream().anyMatch(next -> next > 0)) {
                // all that a new sink would lack is behind where the job goes on
                if (lake != null && LakeProbe.reached(lake).isEmpty()) {
                    throw pastAll("'sinks.lake.path' " + lake.path() + " has no table yet");
                }
                if (warehouse != null && mirrors.isEmpty()) {
                    throw pastAll("'sinks.warehouse' has no mirror yet");
                }
            }
            if (fresh) {
                config.checkTables(topics); // a job that goes on has them in its state
                kafka.checkReach("the lake's table", lake == null ? Map.of() : LakeProbe.reached(lake));
                kafka.checkReach("the mirror of", mirrors);
            }
        }
        DeadLetterSettings letters = config.sinks().deadLetters();
        if (letters != null) {
            DeadLetterTopic.ensure(
                    letters.topic(),
                    config.producerProperties(letters),
                    letters.bootstrap() == null ? "source.bootstrap" : "sinks.dead-letters.bootstrap");
        }
    }

    private static ConfigException pastAll(String what) {
        return new ConfigException(what
                + ", and the state that the job is to start from is past what would fill one: start without it; what the"
                + " other sinks have already is left out");
    }

    /** How far each mirror comes. */
    private static Map<String, Reached> mirrors(WarehouseSettings warehouse, boolean checks) {
        try (WarehouseProbe probe = new WarehouseProbe(warehouse)) {
            if (checks) {
                probe.check();
            } else {
                probe.prepare();
            }
            return probe.reached();
        } catch (SQLException e) {
            throw new UnreachableException(
                    "cannot write the warehouse at 'sinks.warehouse.url' " + warehouse.place() + ": " + e.getMessage());
        }
    }

    /**
     * How far all sinks come: the next offset of each partition that any of their tables has, that of the dead letters
     * included; nothing while one of them has nothing.
     */
    static Map<TopicPartition, Long> ends(PipelineConfig config) {
        if (config.source().file() != null) {
            return Map.of();
        }
        LakeSettings lake = config.sinks().lake();
        WarehouseSettings warehouse = config.warehouseSettings();
        Map<TopicPartition, Long> ofLake = lake == null ? Map.of() : LakeProbe.ends(lake);
        Map<TopicPartition, Long> ofWarehouse =
                warehouse == null ? Map.of() : WarehouseProbe.ends(mirrors(warehouse, false));
        if (lake != null && ofLake.isEmpty() || warehouse != null && ofWarehouse.isEmpty()) {
            return Map.of(); // what was offered again comes to the new one at its old place
        }
        Map<TopicPartition, Long> ends = new HashMap<>(ofLake);
        ofWarehouse.forEach((partition, next) -> ends.merge(partition, next, Math::max));
        return ends;
    }
}
