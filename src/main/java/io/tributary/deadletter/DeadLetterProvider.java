package io.tributary.deadletter;

import io.tributary.flow.ConfigException;
import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;
import java.util.regex.Pattern;

/** A topic of dead letters. */
public final class DeadLetterProvider implements SinkProvider {
    @Override
    public String name() {
        return "dead-letters";
    }

    @Override
    public ConfiguredDeadLetters configure(SinkFile file) {
        DeadLetterSettings letters = file.settings(DeadLetterSettings.class);
        SinkFile.Source source = file.source();
        if (letters.bootstrap() == null && source.topics() == null) {
            throw new ConfigException(
                    "'sinks.dead-letters.bootstrap' must be set, because 'source' has no 'bootstrap'");
        }
        if (source.topics() != null
                && Pattern.compile(source.topics()).matcher(letters.topic()).matches()) {
            throw new ConfigException("'sinks.dead-letters.topic' must not match 'source.topics' " + source.topics()
                    + ", or the job would read its own dead letters, got '" + letters.topic() + "'");
        }
        return new ConfiguredDeadLetters(letters, source.kafka());
    }
}
