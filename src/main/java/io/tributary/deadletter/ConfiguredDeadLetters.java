package io.tributary.deadletter;

import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.SinkSteps;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * The topic of the dead letters, and how it is reached.
 *
 * @param source what the source's Kafka client is set to
 */
public record ConfiguredDeadLetters(DeadLetterSettings settings, Map<String, String> source) implements ConfiguredSink {
    @Override
    public String place() {
        return "'sinks.dead-letters.topic' " + settings.topic();
    }

    @Override
    public String description() {
        return "letters  rejected, to the topic " + settings.topic();
    }

    @Override
    public boolean takesTables() {
        return false;
    }

    @Override
    public void check() {
        DeadLetterTopic.ensure(
                settings.topic(),
                producer(),
                settings.bootstrap() == null ? "source.bootstrap" : "sinks.dead-letters.bootstrap");
    }

    @Override
    public List<Outlet<?>> outlets(SinkSteps steps) {
        return List.of(new Outlet<>("dead-letters", Feed.LETTERS, DeadLetterSink.of(settings.topic(), producer())));
    }

    /** What the producer is set to, {@code bootstrap.servers} included. */
    public Properties producer() {
        return settings.producer(source);
    }

    // what the source's client is set to is never printed
    @Override
    public String toString() {
        return "ConfiguredDeadLetters[" + settings + "]";
    }
}
