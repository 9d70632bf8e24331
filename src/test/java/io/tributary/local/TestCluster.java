package io.tributary.local;

import static org.awaitility.Awaitility.await;

import io.tributary.Pipeline;
import io.tributary.Reaches;
import io.tributary.config.PipelineConfig;
import io.tributary.sink.SinkSteps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.kafka.clients.admin.NewTopic;

/** A real Kafka and a Flink of several TaskManagers, for jobs that are stopped and restored. */
public final class TestCluster implements AutoCloseable {
    private static final Duration CHECKPOINT_INTERVAL = Duration.ofMillis(100);

    private final Path folder;
    private final int port;
    private final int controllerPort;
    private final MiniCluster flink;
    private KafkaBroker kafka;

    private TestCluster(Path folder, int port, int controllerPort, MiniCluster flink) throws IOException {
        this.folder = folder;
        this.port = port;
        this.controllerPort = controllerPort;
        this.flink = flink;
        this.kafka = KafkaBroker.start(folder, port, controllerPort);
    }

    /** @param ports where the search for free ports begins */
    public static TestCluster start(Path folder, int ports, int taskManagers) throws Exception {
        Configuration settings = new Configuration();
        // accumulators come with it: they tell how far a job is
        settings.set(HeartbeatManagerOptions.HEARTBEAT_INTERVAL, Duration.ofMillis(50));
        MiniCluster flink = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setNumTaskManagers(taskManagers)
                .setNumSlotsPerTaskManager(2)
                .setConfiguration(settings)
                .withRandomPorts()
                .build());
        flink.start();
        int port = Ports.free(ports);
        return new TestCluster(folder, port, Ports.free(port + 1), flink);
    }

    /** What is done to a broker's folder. */
    public interface FolderChange {
        void to(Path folder) throws IOException;
    }

    /** Stops the broker, lets its folder be changed, and starts it again. */
    public void restartKafka(FolderChange change) throws IOException {
        kafka.close();
        change.to(folder);
        kafka = KafkaBroker.start(folder, port, controllerPort);
    }

    public String bootstrap() {
        return kafka.bootstrap();
    }

    public MiniCluster flink() {
        return flink;
    }

    /** Makes topics of one partition. */
    public void create(Collection<String> topics) throws Exception {
        TestTopics.create(
                bootstrap(),
                topics.stream().map(name -> TestTopics.topic(name, 1)).toArray(NewTopic[]::new));
    }

    /** Deletes a topic and makes another of its name. */
    public void recreate(String topic, int partitions) throws Exception {
        TestTopics.recreate(bootstrap(), TestTopics.topic(topic, partitions));
    }

    public JobID submit(PipelineConfig config, int parallelism, SavepointRestoreSettings from) throws Exception {
        return submit(config, parallelism, from, false);
    }

    /** @param bounded whether the job ends at what the topics hold now */
    public JobID submit(PipelineConfig config, int parallelism, SavepointRestoreSettings from, boolean bounded)
            throws Exception {
        return submit(config, parallelism, from, bounded, SinkSteps.NONE);
    }

    /** @param steps is told of the sinks' steps */
    public JobID submit(
            PipelineConfig config, int parallelism, SavepointRestoreSettings from, boolean bounded, SinkSteps steps)
            throws Exception {
        Configuration settings = new Configuration();
        settings.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, CHECKPOINT_INTERVAL);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, settings);
        Pipeline.build(env, config, bounded, Reaches.of(config), steps);
        JobGraph job = env.getStreamGraph().getJobGraph();
        job.setSavepointRestoreSettings(from);
        return flink.submitJob(job).get().getJobID();
    }

    /** Stops a job with a savepoint below the folder; returns its path. */
    public String stop(JobID job, Path folder) throws Exception {
        await().atMost(Duration.ofSeconds(60)).until(() -> isRunning(job)); // else Flink refuses
        String savepoint = flink.stopWithSavepoint(job, folder.toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get();
        flink.requestJobResult(job).get();
        return savepoint;
    }

    private boolean isRunning(JobID job) throws Exception {
        for (var vertex : flink.getExecutionGraph(job).get().getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    public void cancel(JobID job) throws Exception {
        flink.cancelJob(job).get();
        flink.requestJobResult(job).get();
    }

    @Override
    public void close() throws IOException {
        try {
            flink.close();
        } catch (Exception e) {
            throw new IOException("cannot stop Flink", e);
        } finally {
            kafka.close();
        }
    }
}
