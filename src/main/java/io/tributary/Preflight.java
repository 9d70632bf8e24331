package io.tributary;

import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
import io.tributary.config.UnreachableException;
import io.tributary.deadletter.DeadLetterTopic;
import io.tributary.lake.LakeProbe;
import io.tributary.source.KafkaProbe;

/** What must hold before a job is worth starting. */
public final class Preflight {
    private Preflight() {}

    /**
     * Checks the outside systems, and makes the topic of the dead letters if it is not there.
     *
     * @param fresh whether the job starts without state, so that it needs the topics from where the lake ends
     * @throws ConfigException if the topic of the dead letters takes less than its producer would send
     * @throws UnreachableException if Kafka cannot be reached, the lake cannot be written, or its end is no longer in Kafka
     */
    public static void check(PipelineConfig config, boolean fresh) {
        PipelineConfig.Lake lake = config.sinks().lake();
        if (lake != null) {
            LakeProbe.check(lake);
        }
        if (config.source().file() == null) {
            KafkaProbe kafka = KafkaProbe.open(config);
            if (lake != null && fresh) {
                kafka.checkReach(LakeProbe.fences(lake));
            }
        }
        PipelineConfig.DeadLetters letters = config.sinks().deadLetters();
        if (letters != null) {
            DeadLetterTopic.ensure(
                    letters.topic(),
                    config.producerProperties(letters),
                    letters.bootstrap() == null ? "source.bootstrap" : "sinks.dead-letters.bootstrap");
        }
    }
}
