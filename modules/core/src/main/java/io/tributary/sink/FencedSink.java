package io.tributary.sink;

import io.tributary.flow.GatherOperator;
import io.tributary.flow.Marks;
import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreCommitTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;

/**
 * A Flink sink of the law that {@link ConfiguredSink} has: writers cut parts at each checkpoint, one operator gathers them and says
 * where they begin, one committer makes them visible. Its side is global: with more than one committer, a later checkpoint could land
 * before an earlier.
 *
 * @param <T> what is written
 * @param <C> what a checkpoint brings: first a writer's, then, gathered, all of it. It is in checkpoints, rows and all, unless they are
 *     staged elsewhere. The sink itself travels to the tasks: its fields are serializable
 */
public abstract class FencedSink<T, C> implements Sink<T>, SupportsCommitter<C>, SupportsPreCommitTopology<C, C> {
    private final String name;

    /** @param name of the outlet */
    protected FencedSink(String name) {
        this.name = name;
    }

    /** This sink, with what it takes. */
    public final Outlet<T> outlet(Feed<T> feed) {
        return new Outlet<>(name, feed, this);
    }

    /** Its parts are taken at each checkpoint. */
    @Override
    public abstract CommittingSinkWriter<T, C> createWriter(WriterInitContext context) throws IOException;

    /** Of savepoints. */
    protected abstract SimpleVersionedSerializer<C> serializer();

    /**
     * All parts of a checkpoint, with where they begin; null where there is nothing to commit.
     *
     * @param stale parts that were cut for earlier checkpoints, which were aborted: ahead of the others
     * @param marks what was given before: {@link Marks#pass} is called once for each table, with the ranges of all its parts; each of
     *     {@link Marks#prove} is a part without rows, which the committer only checks
     */
    protected abstract @Nullable C gather(long checkpoint, List<C> stale, List<C> parts, Marks marks);

    @Override
    public final DataStream<CommittableMessage<C>> addPreCommitTopology(
            DataStream<CommittableMessage<C>> committables) {
        return GatherOperator.ahead(committables, name + "-gather", this::serializer, this::gather);
    }

    @Override
    public final SimpleVersionedSerializer<C> getCommittableSerializer() {
        return serializer();
    }

    @Override
    public final SimpleVersionedSerializer<C> getWriteResultSerializer() {
        return serializer();
    }
}
