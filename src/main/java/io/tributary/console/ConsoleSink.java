package io.tributary.console;

import io.tributary.change.Change;
import java.io.PrintStream;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import picocli.CommandLine;

/** A line for each change, as soon as it is known: after a failure lines may come again. */
public final class ConsoleSink implements Sink<Change> {
    private final boolean json;

    public ConsoleSink(boolean json) {
        this.json = json;
    }

    @Override
    public SinkWriter<Change> createWriter(WriterInitContext context) {
        return new Writer(line(), System.out);
    }

    private ChangeLine line() {
        if (json) {
            return new JsonLine();
        }
        // picocli knows what a terminal is, and heeds NO_COLOR
        return CommandLine.Help.Ansi.AUTO.enabled() ? new ColouredLine(new TextLine()) : new TextLine();
    }

    private record Writer(ChangeLine line, PrintStream out) implements SinkWriter<Change> {
        @Override
        public void write(Change change, Context context) {
            out.println(line.of(change));
        }

        @Override
        public void flush(boolean endOfInput) {
            out.flush();
        }

        @Override
        public void close() {
            // standard output is not ours
        }
    }
}
