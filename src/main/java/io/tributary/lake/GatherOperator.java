package io.tributary.lake;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableSummary;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Gathers the writers' parts into one committable ahead of each barrier: all that has come since the one before, whatever
 * checkpoint a part was cut for. A checkpoint that is aborted half-way was cut by some writers and not by others; published
 * by itself, its part would move the fence over rows that the others still hold. It needs no state: all parts come before the
 * barrier, and the whole goes out ahead of it.
 */
final class GatherOperator extends AbstractStreamOperator<CommittableMessage<LakeCommittable>>
        implements OneInputStreamOperator<CommittableMessage<LakeCommittable>, CommittableMessage<LakeCommittable>>,
                BoundedOneInput {
    private transient List<TableCommit> parts;
    private transient long newest;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    GatherOperator() {}

    @Override
    public void open() throws Exception {
        super.open();
        parts = new ArrayList<>();
        newest = 0;
    }

    @Override
    public void processElement(StreamRecord<CommittableMessage<LakeCommittable>> element) {
        if (element.getValue() instanceof CommittableWithLineage<LakeCommittable> part) {
            parts.addAll(part.getCommittable().tables());
            newest = Math.max(newest, part.getCheckpointId());
        }
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
        if (!parts.isEmpty()) {
            LakeCommittable whole = new LakeCommittable(checkpoint, List.copyOf(parts));
            output.collect(new StreamRecord<>(new CommittableSummary<>(0, 1, checkpoint, 1, 0)));
            output.collect(new StreamRecord<>(new CommittableWithLineage<>(whole, checkpoint, 0)));
            parts.clear();
        }
    }
}
