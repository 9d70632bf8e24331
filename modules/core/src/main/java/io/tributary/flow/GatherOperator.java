package io.tributary.flow;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessageTypeInfo;
import org.apache.flink.streaming.api.connector.sink2.CommittableSummary;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.function.SerializableSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the writers' parts into one committable ahead of each barrier: all that has come since the one before, whatever
 * checkpoint a part was cut for. A checkpoint that is aborted half-way was cut by some writers and not by others; published
 * by itself, its part would move the fence over rows that the others still hold. It keeps no parts: all come before the
 * barrier, and the whole goes out ahead of it. Its state is the {@link Marks} of what went out.
 */
public final class GatherOperator<T> extends AbstractStreamOperator<CommittableMessage<T>>
        implements OneInputStreamOperator<CommittableMessage<T>, CommittableMessage<T>>, BoundedOneInput {
    private final Gather<T> gather;
    private transient List<CommittableWithLineage<T>> parts;
    private transient Marks marks;
    private transient ListState<byte[]> state;
    private transient long newest;

    /** Makes one of parts; null where nothing is to be committed. */
    public interface Gather<T> extends Serializable {
        /**
         * Gathers.
         *
         * @param stale parts that were cut for earlier checkpoints, which were aborted: ahead of the others
         * @param marks of what was given before, to be moved
         */
        @Nullable
        T gather(long checkpointId, List<T> stale, List<T> parts, Marks marks);
    }

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    GatherOperator(Gather<T> gather) {
        this.gather = gather;
    }

    /**
     * Puts the operator behind a sink's writers.
     *
     * @param uid of the operator in savepoints
     */
    public static <T> DataStream<CommittableMessage<T>> ahead(
            DataStream<CommittableMessage<T>> committables,
            String uid,
            SerializableSupplier<SimpleVersionedSerializer<T>> serializer,
            Gather<T> gather) {
        return committables
                .global()
                .transform(uid, CommittableMessageTypeInfo.of(serializer), new GatherOperator<>(gather))
                .setParallelism(1)
                .setMaxParallelism(1)
                .uid(uid)
                .global();
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        state = context.getOperatorStateStore()
                .getListState(new ListStateDescriptor<>("marks", BytePrimitiveArraySerializer.INSTANCE));
        marks = Marks.none(!context.isRestored());
        for (byte[] stored : state.get()) {
            marks = Marks.fromBytes(stored, job());
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        state.update(List.of(marks.toBytes(job())));
    }

    private String job() {
        return getRuntimeContext().getJobInfo().getJobId().toString();
    }

    @Override
    public void open() throws Exception {
        super.open();
        parts = new ArrayList<>();
        newest = 0;
    }

    @Override
    public void processElement(StreamRecord<CommittableMessage<T>> element) {
        if (element.getValue() instanceof CommittableWithLineage<T> part) {
            parts.add(part);
            newest = Math.max(newest, checkpoint(part));
        }
    }

    @SuppressWarnings("removal") // Flink 2.0 has no other name of it
    private static long checkpoint(CommittableWithLineage<?> part) {
        return part.getCheckpointIdOrEOI();
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        emit(checkpointId);
    }

    @Override
    public void endInput() {
        emit(newest); // the writers' last parts are for the checkpoint that comes
    }

    private void emit(long checkpoint) {
        List<T> stale = new ArrayList<>();
        List<T> fresh = new ArrayList<>();
        parts.forEach(part -> (checkpoint(part) < checkpoint ? stale : fresh).add(part.getCommittable()));
        T whole = gather.gather(checkpoint, stale, fresh, marks);
        parts.clear();
        if (whole != null) {
            output.collect(new StreamRecord<>(new CommittableSummary<>(0, 1, checkpoint, 1, 0)));
            output.collect(new StreamRecord<>(new CommittableWithLineage<>(whole, checkpoint, 0)));
        }
    }
}
