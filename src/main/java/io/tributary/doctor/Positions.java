package io.tributary.doctor;

import io.tributary.change.Reached;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.UnreachableException;
import io.tributary.source.KafkaProbe;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** How far the job and its sinks have come, to what the topics have. */
final class Positions {
    private static final String ANEW =
            "./tributary connectors reset its connector, stop the job, move its tables out of lake and warehouse, and submit it"
                    + " afresh, without state";
    private static final String ON_GAP =
            "source.on-gap: continue goes on behind them; ./tributary connectors snapshot TABLE then brings the rows as they are now";

    /** A partition whose leader changes may seem shorter for a moment. */
    private static final int LOOKS = 3;

    private static final long BETWEEN_MILLIS = 1_000;

    private final @Nullable PipelineConfig pipeline;
    private boolean away;

    /** @param pipeline null where none is known: then nothing is */
    Positions(@Nullable PipelineConfig pipeline) {
        this.pipeline = pipeline;
    }

    /** The name of the job, as its metrics have it. */
    Optional<String> job() {
        return Optional.ofNullable(pipeline).map(PipelineConfig::name);
    }

    /** What the topics have now; nothing where Kafka is away, which is told elsewhere. */
    Optional<KafkaProbe> topics() {
        if (away || pipeline == null || pipeline.source().bootstrap() == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(KafkaProbe.open(pipeline.kafka()));
        } catch (UnreachableException e) {
            away = true; // it takes its time to say so
            return Optional.empty();
        }
    }

    /** What a look finds each time. */
    private List<String> each(Function<KafkaProbe, List<String>> look) {
        List<String> lines = List.of();
        for (int i = 0; i < LOOKS; i++) {
            lines = topics().map(look).orElse(List.of());
            if (lines.isEmpty() || i == LOOKS - 1) {
                return lines;
            }
            try {
                Thread.sleep(BETWEEN_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return lines;
            }
        }
        return lines;
    }

    /** Whether the job can go on where it stands. */
    void ofJob(Findings to) {
        each(KafkaProbe::shorter).forEach(line -> to.wrong(line, ANEW));
        each(KafkaProbe::deleted).forEach(line -> to.wrong(line, ON_GAP));
    }

    /** Whether what a sink has is of these topics, and how far it is behind them. */
    void of(String what, Map<String, Reached> reached, Findings to) {
        each(topics -> topics.others(what, reached)).forEach(line -> to.wrong(line, ANEW));
        topics().ifPresent(topics -> {
            Map<String, Long> behind = new HashMap<>();
            reached.forEach((table, has) -> behind.put(table, topics.behind(has.next())));
            behind.entrySet().stream()
                    .max(Map.Entry.comparingByValue())
                    .ifPresent(last -> to.ok("%s %s has most to catch up with: at most %,d records"
                            .formatted(what, last.getKey(), last.getValue())));
        });
    }
}
