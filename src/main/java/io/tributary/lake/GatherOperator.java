package io.tributary.lake;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableSummary;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;

/**
 * Gathers the writers' parts of a checkpoint into one committable. It needs no state: all parts come before the barrier, and
 * the whole goes out ahead of it.
 */
final class GatherOperator extends AbstractStreamOperator<CommittableMessage<LakeCommittable>>
        implements OneInputStreamOperator<CommittableMessage<LakeCommittable>, CommittableMessage<LakeCommittable>>,
                BoundedOneInput {
    private transient Map<Long, List<TableCommit>> parts;

    @SuppressWarnings("NullAway.Init") // open() comes before anything else
    GatherOperator() {}

    @Override
    public void open() throws Exception {
        super.open();
        parts = new TreeMap<>();
    }

    @Override
    public void processElement(StreamRecord<CommittableMessage<LakeCommittable>> element) {
        if (element.getValue() instanceof CommittableWithLineage<LakeCommittable> part) {
            parts.computeIfAbsent(part.getCheckpointId(), id -> new ArrayList<>())
                    .addAll(part.getCommittable().tables());
        }
    }

    @Override
    public void prepareSnapshotPreBarrier(long checkpointId) {
        emit();
    }

    @Override
    public void endInput() {
        emit();
    }

    private void emit() {
        parts.forEach((checkpoint, tables) -> {
            LakeCommittable whole = new LakeCommittable(checkpoint, tables);
            output.collect(new StreamRecord<>(new CommittableSummary<>(0, 1, checkpoint, 1, 0)));
            output.collect(new StreamRecord<>(new CommittableWithLineage<>(whole, checkpoint, 0)));
        });
        parts.clear();
    }
}
