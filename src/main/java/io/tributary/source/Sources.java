package io.tributary.source;

import io.tributary.change.RawRecord;
import io.tributary.config.ConfigException;
import io.tributary.config.PipelineConfig;
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

/** Makes the source that the pipeline file names. */
public final class Sources {
    /** How long a new topic may go unseen, in milliseconds. */
    private static final String DISCOVERY_MILLIS = "5000";

    private Sources() {}

    /**
     * Makes it.
     *
     * @param bounded whether to stop at what is there now; a file always ends
     * @param ends the next offset of each partition that the lake has when the job starts; empty if it has nothing
     */
    public static Source<RawRecord, ?, ?> of(PipelineConfig config, boolean bounded, Map<TopicPartition, Long> ends) {
        String file = config.source().file();
        return file != null ? file(file) : kafka(config, bounded, ends);
    }

    private static Source<RawRecord, ?, ?> kafka(
            PipelineConfig config, boolean bounded, Map<TopicPartition, Long> ends) {
        PipelineConfig.Source source = config.source();
        String replays = config.replays();
        Properties properties = new Properties();
        properties.setProperty("partition.discovery.interval.ms", bounded ? "-1" : DISCOVERY_MILLIS);
        properties.setProperty("max.partition.fetch.bytes", "4194304");
        properties.putAll(source.clientProperties());
        properties.setProperty("isolation.level", "read_committed"); // what is rolled back never happened
        properties.merge("interceptor.classes", NextOffsets.class.getName(), (own, ours) -> own + "," + ours);
        Pattern topics = Pattern.compile("(?:" + source.topics() + ")|" + Pattern.quote(replays));
        Positions positions = new Positions();
        KafkaSourceBuilder<RawRecord> builder = KafkaSource.<RawRecord>builder()
                .setBootstrapServers(String.valueOf(source.bootstrap()))
                .setTopicPattern(topics)
                .setGroupId(config.group())
                .setStartingOffsets(new EarliestOnly(replays, ends))
                .setProperties(properties)
                .setDeserializer(new RawDeserializer(
                        replays,
                        String.valueOf(source.bootstrap()),
                        source.clientProperties(),
                        ends,
                        config.secret(),
                        positions));
        if (bounded) {
            builder.setBounded(new CommittedEnd(String.valueOf(source.bootstrap()), source.clientProperties()));
        }
        return new CheckedSource(
                builder.build(),
                positions,
                String.valueOf(source.bootstrap()),
                source.clientProperties(),
                source.onGap() == PipelineConfig.Source.OnGap.CONTINUE,
                topics);
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

    /**
     * Reads what is there now without a job, partition by partition or file by file; last what is offered again.
     *
     * @param progress is told, now and then, how far it is, in a line
     */
    public static void read(PipelineConfig config, Consumer<String> progress, RecordConsumer each) throws IOException {
        PipelineConfig.Source source = config.source();
        if (source.file() != null) {
            RecordedFormat.read(files(source.file()), each);
            return;
        }
        String replays = config.replays();
        TopicReader reader = new TopicReader(String.valueOf(source.bootstrap()), source.clientProperties(), progress);
        reader.read(Pattern.compile(String.valueOf(source.topics())), Long.MAX_VALUE, record -> {
            if (!record.topic.equals(replays)) {
                each.accept(record);
            }
        });
        reader.readIfThere(replays, record -> each.accept(Replays.open(record, reader, config.secret())));
    }

    private static Source<RawRecord, ?, ?> file(String pattern) {
        List<org.apache.flink.core.fs.Path> files = files(pattern);
        return FileSource.forBulkFileFormat(
                        new RecordedFormat(files), files.toArray(org.apache.flink.core.fs.Path[]::new))
                .build();
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
