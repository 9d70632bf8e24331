package io.tributary.console;

import io.tributary.sink.ConfiguredSink;
import io.tributary.sink.Feed;
import io.tributary.sink.Outlet;
import io.tributary.sink.SinkFile;
import io.tributary.sink.SinkProvider;
import io.tributary.sink.SinkSteps;
import java.util.List;

/** Lines on standard output. */
public final class ConsoleProvider implements SinkProvider {
    @Override
    public String name() {
        return "console";
    }

    @Override
    public ConfiguredSink configure(SinkFile file) {
        return file.settings(Settings.class);
    }

    /** @param json whether each change is a line of JSON rather than of text */
    record Settings(boolean json) implements ConfiguredSink {
        @Override
        public String place() {
            return "'sinks.console'";
        }

        @Override
        public String description() {
            return "console  " + (json ? "JSON lines" : "text");
        }

        @Override
        public List<Outlet<?>> outlets(SinkSteps steps) {
            return List.of(new Outlet<>("console", Feed.CHANGES_AND_LETTERS, new ConsoleSink(json)));
        }
    }
}
