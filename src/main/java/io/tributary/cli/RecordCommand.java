package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.change.Secret;
import io.tributary.flow.ConfigException;
import io.tributary.source.RecordedLine;
import io.tributary.source.SourceSettings;
import io.tributary.source.TopicReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what topics hold to a file that a pipeline can read instead of them. */
@Command(
        name = "record",
        mixinStandardHelpOptions = true,
        description = "Writes what topics hold now to a file of recorded events, for 'source: {file: …}'.")
final class RecordCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Option(names = "--to", paramLabel = "FILE", description = "where to; gzipped if its name ends in .gz")
    private @Nullable Path to;

    @Option(names = "--topics", paramLabel = "PATTERN", description = "of topic names (default: the pipeline's)")
    private @Nullable String topics;

    @Option(names = "--bootstrap", paramLabel = "HOST:PORT", description = "the brokers (default: the pipeline's)")
    private @Nullable String bootstrap;

    @Option(names = "--limit", paramLabel = "N", description = "end after so many records")
    private long limit = Long.MAX_VALUE;

    @Override
    public Integer call() throws IOException {
        if (to == null) {
            throw new ConfigException("'--to' must name a file");
        }
        if (limit < 1) {
            throw new ConfigException("'--limit' must be at least 1, got " + limit);
        }
        SourceSettings source = options.given() ? options.read().source() : null;
        String brokers = bootstrap != null || source == null ? bootstrap : source.bootstrap();
        String wanted = topics != null || source == null ? topics : source.topics();
        if (brokers == null || wanted == null) {
            throw new ConfigException(
                    "'--bootstrap' and '--topics' must be set, or '--config' name a pipeline file that reads from Kafka");
        }
        Map<String, String> properties = source == null ? Map.of() : Secret.values(source.properties());
        TopicReader reader = new TopicReader(brokers, properties, Tributary::say);
        Tributary.say("recorded %,d records to %s".formatted(record(reader, pattern(wanted), to), to));
        return 0;
    }

    private static Pattern pattern(String topics) {
        try {
            return Pattern.compile(topics);
        } catch (PatternSyntaxException e) {
            throw new ConfigException(
                    "'--topics' must be a regular expression, got '" + topics + "': " + e.getDescription());
        }
    }

    /** The file gets its name when it is whole. */
    private long record(TopicReader reader, Pattern pattern, Path file) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try {
            long count;
            try (OutputStream out = open(part, file.toString().endsWith(".gz"))) {
                count = reader.read(pattern, limit, record -> out.write(RecordedLine.of(record)));
            }
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return count;
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private static OutputStream open(Path file, boolean gzipped) throws IOException {
        try {
            OutputStream out = Files.newOutputStream(file);
            return new BufferedOutputStream(gzipped ? new GZIPOutputStream(out, 1 << 16) : out, 1 << 16);
        } catch (IOException e) {
            throw new ConfigException("'--to' " + file + " cannot be written: " + e);
        }
    }
}
