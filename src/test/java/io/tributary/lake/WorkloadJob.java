package io.tributary.lake;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.tributary.Pipeline;
import io.tributary.Reaches;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.PipelineFile;
import io.tributary.local.ObjectStores;
import io.tributary.sink.SinkSteps;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The job of the workload's check, in a process that dies at a step of its way into the lake; the check starts the next. Or
 * Delta Kernel as a reader of the lake it made.
 */
final class WorkloadJob {
    private static final AtomicInteger REACHED = new AtomicInteger();
    private static final CountDownLatch GO = new CountDownLatch(1);

    private static final String OPERATION = "\"op\":\"";

    private WorkloadJob() {}

    /**
     * Where a step of a table in the folder, or of a mirror in the schema, is reached for the so many-th time: it dies there, as
     * by kill -9, or waits to be told to go on.
     */
    private record EndAt(String step, String folder, int time, boolean dies) implements SinkSteps {
        static EndAt of(String text) {
            String[] parts = text.split(",", -1);
            return parts.length < 3
                    ? new EndAt("", "", 0, false)
                    : new EndAt(parts[0], parts[1], Integer.parseInt(parts[2]), parts.length == 3);
        }

        @Override
        public void reached(String table, Enum<?> reached) {
            if (reached.name().equals(step)
                    && table.regionMatches(true, 0, folder, 0, folder.length())
                    && REACHED.incrementAndGet() == time) {
                System.out.println(
                        (dies ? "dies" : "waits") + " at " + step + " of " + (table.isEmpty() ? "all" : table));
                System.out.flush();
                if (dies) {
                    Runtime.getRuntime().halt(137);
                }
                try {
                    GO.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }

    /**
     * {@code run PIPELINE STORE PARALLELISM STEP,FOLDER,TIME[,waits] FROM}, where {@code savepoint}, {@code stop} and {@code
     * go} are read from the standard input; or {@code read LAKE FOLDER TABLE…}, whose rows become FOLDER's JSON lines; or {@code
     * topics BOOTSTRAP PATTERN FILE}, whose changes become lines of topic, partition, offset and operation.
     */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "read" -> read(args);
            case "topics" -> topics(args);
            default -> run(args);
        }
    }

    private static void run(String[] args) throws Exception {
        PipelineConfig config = PipelineFile.read(Path.of(args[1]), Map.of(), System.getenv());
        ObjectStores.openFor(config.lake());
        Configuration flink = new Configuration();
        flink.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(64));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(64));
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofSeconds(2));
        flink.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, args[2] + "/checkpoints");
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        if (args.length > 5) {
            flink.set(StateRecoveryOptions.SAVEPOINT_PATH, args[5]);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(Integer.parseInt(args[3]), flink);
        EndAt endAt = EndAt.of(args[4]);
        Pipeline.build(env, config, false, Reaches.of(config), endAt);
        JobClient job = env.executeAsync(config.name());
        System.out.println("started");
        var unused = job.getJobExecutionResult().whenComplete((result, failure) -> {
            if (failure != null) {
                failure.printStackTrace();
                Runtime.getRuntime().halt(1);
            }
        });
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String command = commands.readLine(); command != null; command = commands.readLine()) {
            if (command.equals("go")) {
                GO.countDown();
                continue;
            }
            String folder = args[2] + "/savepoints";
            boolean stops = command.equals("stop");
            System.out.println("savepoint "
                    + (stops
                                    ? job.stopWithSavepoint(false, folder, SavepointFormatType.CANONICAL)
                                    : job.triggerSavepoint(folder, SavepointFormatType.CANONICAL))
                            .get());
            if (stops) {
                System.exit(0);
            }
        }
    }

    private static void read(String[] args) throws IOException {
        ObjectStores.openFor(LakeSettings.at(args[1]));
        LakeReader lake = new LakeReader(args[1]);
        Path folder = Files.createDirectories(Path.of(args[2]));
        JsonMapper json = new JsonMapper();
        for (int i = 3; i < args.length; i++) {
            String path = args[i];
            boolean isCurrent = path.startsWith(LakeProbe.CURRENT);
            String table = path.substring(path.indexOf('/') + 1);
            LakeReader reader = isCurrent ? lake.current() : path.contains("/") ? lake : lake.aggregates();
            TableName name = path.contains("/")
                    ? new TableName(table.substring(0, table.indexOf('.')), table.substring(table.indexOf('.') + 1))
                    : new TableName("", table);
            try (BufferedWriter out = Files.newBufferedWriter(folder.resolve(path.replace('/', '~')))) {
                reader.forEach(name, row -> {
                    try {
                        out.write(json.writeValueAsString(row));
                        out.newLine();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }

    private static void topics(String[] args) throws IOException {
        Properties properties = new Properties();
        properties.setProperty("bootstrap.servers", args[1]);
        properties.setProperty("isolation.level", "read_committed");
        try (BufferedWriter out = Files.newBufferedWriter(Path.of(args[3]));
                KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> all = consumer.listTopics().entrySet().stream()
                    .filter(topic -> topic.getKey().matches(args[2]))
                    .flatMap(topic -> topic.getValue().stream())
                    .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> event : consumer.poll(Duration.ofSeconds(1))) {
                    if (event.value() != null) {
                        String value = new String(event.value(), StandardCharsets.UTF_8);
                        char operation = value.charAt(value.lastIndexOf(OPERATION) + OPERATION.length());
                        out.write("%s\t%d\t%d\t%s%n"
                                .formatted(event.topic(), event.partition(), event.offset(), operation));
                    }
                }
            }
        }
    }
}
