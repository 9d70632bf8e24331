package io.tributary.local;

import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One Flink for all tests of this process whose jobs end by themselves: to start one takes longer than most of them. */
public final class SharedFlink {
    private static final int SLOTS = 4;

    private SharedFlink() {}

    private static final class Holder {
        static final MiniCluster CLUSTER = start();

        private static MiniCluster start() {
            MiniCluster started = new MiniCluster(new MiniClusterConfiguration.Builder()
                    .setNumTaskManagers(1)
                    .setNumSlotsPerTaskManager(SLOTS)
                    .withRandomPorts()
                    .build());
            try {
                started.start();
            } catch (Exception e) {
                throw new IllegalStateException("cannot start Flink", e);
            }
            return started;
        }
    }

    /**
     * Runs the job of an environment to its end.
     *
     * @throws Exception as {@link StreamExecutionEnvironment#execute()} does
     */
    public static JobExecutionResult run(StreamExecutionEnvironment env) throws Exception {
        return Holder.CLUSTER.executeJobBlocking(env.getStreamGraph().getJobGraph());
    }
}
