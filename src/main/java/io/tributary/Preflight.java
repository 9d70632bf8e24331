package io.tributary;

import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.ConfiguredSink;
import io.tributary.source.KafkaProbe;
import io.tributary.source.Sources;
import java.util.Collection;

/** What must hold before a job is worth starting. */
public final class Preflight {
    private Preflight() {}

    /**
     * Checks the outside systems, and lets the sinks make what they need.
     *
     * @param fresh whether the job starts without state, so that it needs the topics from where the sinks end
     * @return how far the sinks come
     * @throws ConfigException if a setting is none that the outside systems take
     * @throws UnreachableException if Kafka cannot be reached, a sink cannot be written, or its end is no longer in Kafka
     */
    public static Reaches check(PipelineConfig config, boolean fresh) {
        String file = config.source().file();
        KafkaProbe kafka = file == null ? KafkaProbe.open(config.kafka()) : null;
        Collection<String> topics = kafka == null ? Sources.topics(String.valueOf(file)) : kafka.topics();
        config.checkHidden(topics);
        for (ConfiguredSink sink : config.sinks().values()) {
            sink.check();
        }
        Reaches reaches = Reaches.of(config);
        if (kafka == null || fresh) {
            config.checkTables(topics); // a job that goes on has them in its state
        }
        if (kafka != null) {
            check(kafka, reaches, fresh);
        }
        return reaches;
    }

    private static void check(KafkaProbe kafka, Reaches reaches, boolean fresh) {
        boolean isPastBeginning = !fresh && kafka.read().values().stream().anyMatch(next -> next > 0);
        reaches.sinks().forEach((sink, reach) -> {
            if (isPastBeginning && reach.tables().isEmpty()) {
                // all that a new sink would lack is behind where the job goes on
                throw new ConfigException(sink.place()
                        + " has no table yet, and the state that the job is to start from is past what would fill one:"
                        + " start without it; what the other sinks have already is left out");
            }
            if (fresh) {
                kafka.checkReach(sink.table(), reach.tables());
            }
        });
    }
}
