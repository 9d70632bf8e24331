package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.flow.ConfigException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.file.src.FileSource;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.apache.kafka.common.TopicPartition;

/** Makes the sources there are. */
public final class Sources {
    /** How long a new topic may go unseen, in milliseconds. */
    private static final String DISCOVERY_MILLIS = "5000";

    private Sources() {}

    /**
     * The topics.
     *
     * @param bounded whether to stop at what is there now
     * @param ends the next offset of each partition that the lake has when the job starts; empty if it has nothing
     */
    public static Source<RawRecord, ?, ?> of(KafkaSettings settings, boolean bounded, Map<TopicPartition, Long> ends) {
        Properties properties = new Properties();
        properties.setProperty("partition.discovery.interval.ms", bounded ? "-1" : DISCOVERY_MILLIS);
        properties.setProperty("max.partition.fetch.bytes", "4194304");
        properties.putAll(settings.properties());
        properties.setProperty("isolation.level", "read_committed"); // what is rolled back never happened
        properties.merge("interceptor.classes", NextOffsets.class.getName(), (own, ours) -> own + "," + ours);
        Pattern topics = Pattern.compile("(?:" + settings.topics() + ")|" + Pattern.quote(settings.replays()));
        Positions positions = new Positions();
        KafkaSourceBuilder<RawRecord> builder = KafkaSource.<RawRecord>builder()
                .setBootstrapServers(settings.bootstrap())
                .setTopicPattern(topics)
                .setGroupId(settings.group())
                .setStartingOffsets(new EarliestOnly(settings.replays(), ends))
                .setProperties(properties)
                .setDeserializer(new RawDeserializer(
                        settings.replays(),
                        settings.bootstrap(),
                        settings.properties(),
                        ends,
                        settings.secret(),
                        positions));
        if (bounded) {
            builder.setBounded(new CommittedEnd(settings.bootstrap(), settings.properties()));
        }
        return new CheckedSource(
                builder.build(), positions, settings.bootstrap(), settings.properties(), settings.skipsGaps(), topics);
    }

    /**
     * Recorded files.
     *
     * @param pattern a path, or a pattern of paths
     */
    public static Source<RawRecord, ?, ?> ofFiles(String pattern) {
        List<org.apache.flink.core.fs.Path> files = files(pattern);
        return FileSource.forBulkFileFormat(
                        new RecordedFormat(files), files.toArray(org.apache.flink.core.fs.Path[]::new))
                .build();
    }

    /** The topics that a file's records are of. */
    public static Set<String> topics(String file) {
        Set<String> topics = new HashSet<>();
        try {
            RecordedFormat.read(files(file), record -> topics.add(record.topic));
        } catch (IOException | SuppressRestartsException e) {
            throw new ConfigException("'source.file' " + file + " cannot be read: " + e.getMessage());
        }
        topics.removeIf(topic -> topic.startsWith("__") || topic.endsWith(".transaction"));
        return topics;
    }

    /** Reads recorded files without a job, one after another. */
    public static void readFiles(String pattern, RecordConsumer each) throws IOException {
        RecordedFormat.read(files(pattern), each);
    }

    /**
     * Reads what the topics have now without a job, partition by partition; last what is offered again.
     *
     * @param progress is told, now and then, how far it is, in a line
     */
    public static void read(KafkaSettings settings, Consumer<String> progress, RecordConsumer each) throws IOException {
        TopicReader reader = new TopicReader(settings.bootstrap(), settings.properties(), progress);
        reader.read(Pattern.compile(settings.topics()), Long.MAX_VALUE, record -> {
            if (!record.topic.equals(settings.replays())) {
                each.accept(record);
            }
        });
        reader.readIfThere(settings.replays(), record -> each.accept(Replays.open(record, reader, settings.secret())));
    }

    private static List<org.apache.flink.core.fs.Path> files(String pattern) {
        return expand(pattern).stream()
                .map(path -> org.apache.flink.core.fs.Path.fromLocalFile(path.toFile()))
                .toList();
    }

    private static List<Path> expand(String pattern) {
        Path path = Path.of(pattern).toAbsolutePath().normalize();
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        Path folder = path.getParent();
        if (folder != null && Files.isDirectory(folder)) {
            PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + path);
            try (Stream<Path> all = Files.list(folder)) {
                List<Path> found = all.filter(matcher::matches).sorted().toList();
                if (!found.isEmpty()) {
                    return found;
                }
            } catch (IOException e) {
                throw new ConfigException("'source.file' " + pattern + " cannot be read: " + e.getMessage());
            }
        }
        throw new ConfigException("'source.file' must name at least one file, got '" + pattern + "'");
    }
}
