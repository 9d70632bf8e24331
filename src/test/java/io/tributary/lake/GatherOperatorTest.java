package io.tributary.lake;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.change.TableFormat;
import java.util.List;
import java.util.Map;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class GatherOperatorTest {
    private static StreamRecord<CommittableMessage<LakeCommittable>> part(String table, long checkpoint, int writer) {
        TableCommit commit = new TableCommit(table, TableFormat.DELTA, null, List.of(), List.of(), Map.of());
        return new StreamRecord<>(
                new CommittableWithLineage<>(new LakeCommittable(-1, List.of(commit)), checkpoint, writer));
    }

    private static List<String> committables(
            OneInputStreamOperatorTestHarness<CommittableMessage<LakeCommittable>, CommittableMessage<LakeCommittable>>
                    harness) {
        return harness.extractOutputValues().stream()
                .filter(CommittableWithLineage.class::isInstance)
                .map(message -> ((CommittableWithLineage<LakeCommittable>) message).getCommittable())
                .map(whole -> whole.checkpointId() + " "
                        + whole.tables().stream().map(TableCommit::path).toList())
                .toList();
    }

    @Test
    void partsOfACheckpointGoOutAheadOfItsBarrierAsOne() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(new GatherOperator())) {
            harness.open();
            harness.processElement(part("a", 1, 0));
            harness.processElement(part("b", 1, 1));
            harness.prepareSnapshotPreBarrier(1);
            harness.prepareSnapshotPreBarrier(2);

            assertThat(committables(harness)).containsExactly("1 [a, b]");
        }
    }

    @Test
    void partOfAnAbortedCheckpointWaitsForWhatTheOtherWritersHeld() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(new GatherOperator())) {
            harness.open();
            // checkpoint 1 is aborted after writer 0 cut its part and before writer 1 did
            harness.processElement(part("a", 1, 0));
            harness.processElement(part("a again", 2, 0));
            harness.processElement(part("b, all of it", 2, 1));
            harness.prepareSnapshotPreBarrier(2);

            assertThat(committables(harness)).containsExactly("2 [a, a again, b, all of it]");
        }
    }
}
