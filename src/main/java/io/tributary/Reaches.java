package io.tributary;

import io.tributary.change.SourcePartition;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.UnreachableException;
import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Reach;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/**
 * How far the sinks of a job come as it starts, each read once.
 *
 * @param sinks those that keep fences
 */
public record Reaches(Map<ConfiguredSink, Reach> sinks) {
    /** @throws UnreachableException if a sink cannot be read */
    public static Reaches of(PipelineConfig config) {
        Map<ConfiguredSink, Reach> sinks = new LinkedHashMap<>();
        for (ConfiguredSink sink : config.sinks().values()) {
            Reach reach = sink.reach();
            if (reach != null) {
                sinks.put(sink, reach);
            }
        }
        return new Reaches(sinks);
    }

    /**
     * How far all sinks come: the next offset of each partition that any of their tables has, that of the dead letters included;
     * nothing while one of them has nothing, because what was offered again comes to that one at its old place.
     */
    Map<TopicPartition, Long> ends() {
        Map<TopicPartition, Long> ends = new HashMap<>();
        for (Reach reach : sinks.values()) {
            if (reach.ends().isEmpty()) {
                return Map.of();
            }
            reach.ends()
                    .forEach((p, next) -> ends.merge(new TopicPartition(p.topic(), p.partition()), next, Math::max));
        }
        return ends;
    }

    /** How far the whole rows come that a sink has, by bucket. */
    Map<Long, Map<SourcePartition, Long>> rows(ConfiguredSink sink) {
        Reach reach = sinks.get(sink);
        return reach == null ? Map.of() : reach.rows();
    }
}
