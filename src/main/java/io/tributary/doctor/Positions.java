package io.tributary.doctor;

import io.tributary.change.Reached;
import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
import io.tributary.config.UnreachableException;
import io.tributary.source.KafkaProbe;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far the job and its sinks have come, to what the topics have. */
final class Positions {
    private static final String ANEW =
            "take a new snapshot, move its tables out of lake and warehouse, and submit the job afresh, without state";

    private final @Nullable PipelineConfig pipeline;

    /** @param pipeline null where none is known: then nothing is */
    Positions(@Nullable PipelineConfig pipeline) {
        this.pipeline = pipeline;
    }

    /** What the topics have now; nothing where Kafka is away, which is told elsewhere. */
    Optional<KafkaProbe> topics() {
        if (pipeline == null || pipeline.source().bootstrap() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(KafkaProbe.open(pipeline));
        } catch (UnreachableException | ConfigException e) {
            return Optional.empty();
        }
    }

    /** Whether the job can go on where it stands. */
    void ofJob(Findings to) {
        topics().ifPresent(topics -> topics.lost()
                .forEach(line -> to.wrong(
                        line,
                        line.contains(" deleted ")
                                ? "source.on-gap: continue goes on behind them; ./tributary connectors snapshot TABLE then brings the rows as they are now"
                                : ANEW)));
    }

    /** Whether what a sink has is of these topics, and how far it is behind them. */
    void of(String what, Map<String, Reached> reached, Findings to) {
        topics().ifPresent(topics -> {
            topics.others(what, reached).forEach(line -> to.wrong(line, ANEW));
            Map<String, Long> behind = new HashMap<>();
            reached.forEach((table, has) -> behind.put(table, topics.behind(has.next())));
            behind.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .ifPresent(last -> to.ok("%s %s has most to catch up with: at most %,d records"
                            .formatted(what, last.getKey(), last.getValue())));
        });
    }
}
