package io.tributary.local;

import io.tributary.Pipeline;
import io.tributary.account.Account;
import io.tributary.account.AccountAccumulator;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.AbstractCheckpointStats;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.checkpoint.CheckpointStatsStatus;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A Flink with its web UI and Prometheus reporter in this process, and one job that survives it in its checkpoints. */
public final class FlinkCluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlinkCluster.class);
    private static final String HOST = "127.0.0.1";
    private static final int KEPT = 3;
    private static final int TOLERATED = 1000;
    /** How many checkpoints Flink remembers, for its page and {@link #checkpoints()}. */
    private static final int SHOWN = 100;

    private final Path checkpoints;
    private final int restPort;
    private final int metricsPort;
    private final MiniCluster cluster;
    private final int parallelism;
    private JobID job = new JobID();
    private boolean running;
    private String restoredFrom = "";

    /**
     * How the job runs.
     *
     * @param checkpointInterval also how long a change may take to become visible in the lake
     */
    public record Settings(int parallelism, Duration checkpointInterval) {}

    private FlinkCluster(Path checkpoints, int restPort, int metricsPort, int parallelism, MiniCluster cluster) {
        this.parallelism = parallelism;
        this.checkpoints = checkpoints;
        this.restPort = restPort;
        this.metricsPort = metricsPort;
        this.cluster = cluster;
    }

    /** @param dir keeps checkpoints and savepoints from one start to the next */
    public static FlinkCluster start(Path dir, int restPort, int metricsPort, Settings settings) throws Exception {
        Path checkpoints = Files.createDirectories(dir.resolve("checkpoints"));
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration(dir, checkpoints, restPort, metricsPort, settings))
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(settings.parallelism())
                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                .build());
        cluster.start();
        return new FlinkCluster(checkpoints, restPort, metricsPort, settings.parallelism(), cluster);
    }

    private static Configuration configuration(
            Path dir, Path checkpoints, int restPort, int metricsPort, Settings settings) {
        Configuration c = new Configuration();
        keepToThisMachine(c, restPort);
        c.setString("metrics.reporters", "prom");
        c.setString("metrics.reporter.prom.factory.class", LoopbackReporterFactory.class.getName());
        c.setString("metrics.reporter.prom.port", String.valueOf(metricsPort));
        c.setString("metrics.reporter.prom.filterLabelValueCharacters", "false");
        c.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        c.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        c.set(CheckpointingOptions.SAVEPOINT_DIRECTORY, checkpoints.toUri().toString());
        c.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, settings.checkpointInterval());
        c.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        c.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, KEPT);
        c.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, TOLERATED); // a sink that is waited for is no failure
        c.set(WebOptions.CHECKPOINTS_HISTORY_SIZE, SHOWN);
        keepTrying(c);
        c.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(32));
        MemorySize network = MemorySize.ofMebiBytes(28 + 4L * settings.parallelism());
        c.set(TaskManagerOptions.NETWORK_MEMORY_MIN, network);
        c.set(TaskManagerOptions.NETWORK_MEMORY_MAX, network);
        c.set(CoreOptions.TMP_DIRS, dir.resolve("tmp").toString());
        return c;
    }

    /** A job that fails is started again for as long as it takes, at most 10 s later; as {@code flink-conf/config.yaml} has it. */
    public static void keepTrying(Configuration c) {
        c.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        c.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(10));
        c.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_BACKOFF_MULTIPLIER, 2.0);
        c.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_RESET_BACKOFF_THRESHOLD, Duration.ofMinutes(1));
    }

    /**
     * For a Flink in this process: nothing of it listens on another address than this machine's own, and its web UI is for looking. See also
     * {@link FlinkGuard}.
     *
     * @param restPort 0 for any that is free
     */
    public static void keepToThisMachine(Configuration c, int restPort) {
        c.set(RestOptions.ADDRESS, HOST);
        c.set(RestOptions.BIND_ADDRESS, HOST);
        c.set(RestOptions.PORT, restPort);
        c.set(RestOptions.BIND_PORT, String.valueOf(restPort));
        c.set(JobManagerOptions.ADDRESS, HOST);
        c.set(JobManagerOptions.BIND_HOST, HOST); // of the blob server
        c.set(TaskManagerOptions.HOST, HOST);
        c.set(TaskManagerOptions.BIND_HOST, HOST);
        c.set(WebOptions.ACCESS_CONTROL_ALLOW_ORIGIN, "http://" + HOST + ":" + restPort);
        c.set(WebOptions.SUBMIT_ENABLE, false);
        c.set(WebOptions.CANCEL_ENABLE, false);
        c.set(WebOptions.RESCALE_ENABLE, false);
    }

    /** Starts the job where the newest complete checkpoint or savepoint of {@code dir} left it, and waits until it runs. */
    public void submit(PipelineConfig config) throws Exception {
        List<Path> known = snapshots(checkpoints);
        for (int i = 0; ; i++) {
            String from = i < known.size() ? known.get(i).toUri().toString() : "";
            try {
                submit(config, from);
                restoredFrom = from;
                prune(known, i);
                return;
            } catch (ExecutionException | IllegalStateException e) {
                // a checkpoint may be whole on paper and not on disk after a kill: the one before is
                if (i + 1 >= known.size() || e.getCause() instanceof ConfigException) {
                    throw e;
                }
                LOG.warn("cannot restore {}: trying the one before", from, e);
            }
        }
    }

    private void submit(PipelineConfig config, String from) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(cluster.getConfiguration());
        env.setParallelism(parallelism);
        Pipeline.build(env, config, false);
        StreamGraph graph = env.getStreamGraph();
        graph.setJobName(config.name());
        JobGraph jobGraph = graph.getJobGraph(FlinkCluster.class.getClassLoader(), new JobID());
        if (!from.isEmpty()) {
            jobGraph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(from, false));
        }
        job = cluster.submitJob(jobGraph).get().getJobID();
        awaitRunning();
        running = true;
    }

    private void awaitRunning() throws Exception {
        while (true) {
            var graph = cluster.getExecutionGraph(job).get();
            boolean all = true;
            for (var vertex : graph.getAllExecutionVertices()) {
                all &= vertex.getExecutionState() == ExecutionState.RUNNING;
            }
            if (all) {
                return;
            }
            if (graph.getState().isGloballyTerminalState()) {
                Throwable failure = failure();
                throw new IllegalStateException(
                        "the job ended " + graph.getState() + ": " + failure.getMessage(), failure);
            }
            Pause.of(Duration.ofMillis(20));
        }
    }

    /** Whether a folder keeps a checkpoint or savepoint. */
    public static boolean hasState(Path dir) throws IOException {
        Path checkpoints = dir.resolve("checkpoints");
        return Files.isDirectory(checkpoints) && !snapshots(checkpoints).isEmpty();
    }

    /** The newest first. */
    private static List<Path> snapshots(Path checkpoints) throws IOException {
        try (Stream<Path> all = Files.walk(checkpoints, 4)) {
            return all.filter(path -> String.valueOf(path.getFileName()).equals("_metadata"))
                    .sorted(Comparator.comparing((Path path) -> path.toFile().lastModified())
                            .reversed())
                    .map(Path::getParent)
                    .toList();
        }
    }

    /** Forgets what is older than the last few before the one that was restored. */
    private static void prune(List<Path> known, int restored) throws IOException {
        for (int i = restored + KEPT; i < known.size(); i++) {
            Folders.delete(known.get(i));
        }
    }

    public String url() {
        return "http://" + HOST + ":" + restPort;
    }

    public String metricsUrl() {
        return "http://" + HOST + ":" + metricsPort + "/metrics";
    }

    /** Where the job was restored from, or empty. */
    public String restoredFrom() {
        return restoredFrom;
    }

    /** The job's state, with the newest failure if there is one. */
    public String status() throws ExecutionException, InterruptedException {
        return cluster.getJobStatus(job).get().name();
    }

    /** Why the job has ended: the last cause. */
    public Throwable failure() throws ExecutionException, InterruptedException {
        var info = cluster.getExecutionGraph(job).get().getFailureInfo();
        if (info == null) {
            return new IllegalStateException(status());
        }
        Throwable cause = info.getException().deserializeError(FlinkCluster.class.getClassLoader());
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** Whether the job ended although nobody stopped it. */
    public boolean failed() throws ExecutionException, InterruptedException {
        JobStatus status = cluster.getJobStatus(job).get();
        return running && status.isGloballyTerminalState();
    }

    /** How long those complete checkpoints took that Flink remembers, by number. */
    public SortedMap<Long, Duration> checkpoints() throws ExecutionException, InterruptedException {
        SortedMap<Long, Duration> found = new TreeMap<>();
        CheckpointStatsSnapshot stats = cluster.getExecutionGraph(job).get().getCheckpointStatsSnapshot();
        if (stats != null) {
            for (AbstractCheckpointStats each : stats.getHistory().getCheckpoints()) {
                if (each.getStatus() == CheckpointStatsStatus.COMPLETED) {
                    found.put(each.getCheckpointId(), Duration.ofMillis(each.getEndToEndDuration()));
                }
            }
        }
        return found;
    }

    /** Stops the job with a savepoint. */
    public Account stop() throws ExecutionException, InterruptedException, TimeoutException {
        running = false;
        String savepoint = cluster.stopWithSavepoint(
                        job, checkpoints.toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get(60, TimeUnit.SECONDS);
        LOG.info("stopped with savepoint {}", savepoint);
        Map<String, ?> results;
        try {
            results = cluster.requestJobResult(job)
                    .get(30, TimeUnit.SECONDS)
                    .toJobExecutionResult(FlinkCluster.class.getClassLoader())
                    .getAllAccumulatorResults();
        } catch (org.apache.flink.runtime.client.JobExecutionException | IOException | ClassNotFoundException e) {
            throw new IllegalStateException("the job has no result", e);
        }
        return results.get(AccountAccumulator.NAME) instanceof Account account ? account : Account.empty();
    }

    @Override
    public void close() throws IOException {
        try {
            shutDown();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw (IOException) new InterruptedIOException("interrupted while stopping Flink").initCause(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("Flink does not stop", e);
        }
    }

    private void shutDown() throws ExecutionException, InterruptedException, TimeoutException {
        try {
            if (running && !failed()) {
                try {
                    stop();
                } catch (ExecutionException | TimeoutException e) {
                    LOG.warn("cannot stop with a savepoint: the next start goes on from the last checkpoint", e);
                    cluster.cancelJob(job).get(10, TimeUnit.SECONDS);
                }
            }
        } finally {
            cluster.closeAsync().get(30, TimeUnit.SECONDS);
        }
    }
}
