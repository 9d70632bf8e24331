package io.tributary.lake;

import io.tributary.change.Change;
import java.io.IOException;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessageTypeInfo;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * The history sink: writers cut files at each checkpoint, one operator gathers what they cut, one committer publishes it.
 *
 * <p>The committer's side is global: with more than one, a later checkpoint could land before an earlier.
 */
public final class LakeSink
        implements Sink<Change>,
                SupportsCommitter<LakeCommittable>,
                SupportsPreCommitTopology<LakeCommittable, LakeCommittable> {
    private final String lake;
    private final String replays;
    private final CommitSteps steps;

    /**
     * @param lake the lake's path as a URI of a file system that Flink knows, without a slash at its end
     * @param replays the topic of dead letters that are offered again
     */
    public LakeSink(String lake, String replays) {
        this(lake, replays, (table, step) -> {});
    }

    LakeSink(String lake, String replays, CommitSteps steps) {
        this.lake = lake;
        this.replays = replays;
        this.steps = steps;
    }

    @Override
    public SinkWriter<Change> createWriter(WriterInitContext context) throws IOException {
        return new LakeWriter(lake, replays, context.metricGroup());
    }

    @Override
    public Committer<LakeCommittable> createCommitter(CommitterInitContext context) {
        return new LakeCommitter(lake, steps, context.metricGroup());
    }

    @Override
    public DataStream<CommittableMessage<LakeCommittable>> addPreCommitTopology(
            DataStream<CommittableMessage<LakeCommittable>> committables) {
        return committables
                .global()
                .transform(
                        "lake-gather",
                        CommittableMessageTypeInfo.of(LakeCommittableSerializer::new),
                        new GatherOperator())
                .setParallelism(1)
                .setMaxParallelism(1)
                .uid("lake-gather")
                .global();
    }

    @Override
    public SimpleVersionedSerializer<LakeCommittable> getCommittableSerializer() {
        return new LakeCommittableSerializer();
    }

    @Override
    public SimpleVersionedSerializer<LakeCommittable> getWriteResultSerializer() {
        return new LakeCommittableSerializer();
    }
}
