package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import java.util.List;
import org.apache.flink.streaming.api.connector.sink2.CommittableMessage;
import org.apache.flink.streaming.api.connector.sink2.CommittableWithLineage;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@Harness
class GatherOperatorTest {
    private static GatherOperator<String> operator() {
        return new GatherOperator<>((checkpoint, stale, parts, marks) ->
                stale.isEmpty() && parts.isEmpty() ? null : checkpoint + " " + stale + parts);
    }

    private static StreamRecord<CommittableMessage<String>> part(String part, long checkpoint, int writer) {
        return new StreamRecord<>(new CommittableWithLineage<>(part, checkpoint, writer));
    }

    private static List<String> committables(
            OneInputStreamOperatorTestHarness<CommittableMessage<String>, CommittableMessage<String>> harness) {
        return harness.extractOutputValues().stream()
                .filter(CommittableWithLineage.class::isInstance)
                .map(message -> ((CommittableWithLineage<String>) message).getCommittable())
                .toList();
    }

    @Test
    void partsOfACheckpointGoOutAheadOfItsBarrierAsOne() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(operator())) {
            harness.open();
            harness.processElement(part("a", 1, 0));
            harness.processElement(part("b", 1, 1));
            harness.prepareSnapshotPreBarrier(1);
            harness.prepareSnapshotPreBarrier(2);

            assertThat(committables(harness)).containsExactly("1 [][a, b]");
        }
    }

    @Test
    void partOfAnAbortedCheckpointWaitsForWhatTheOtherWritersHeld() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(operator())) {
            harness.open();
            // checkpoint 1 is aborted after writer 0 cut its part and before writer 1 did
            harness.processElement(part("a", 1, 0));
            harness.processElement(part("a again", 2, 0));
            harness.processElement(part("b, all of it", 2, 1));
            harness.prepareSnapshotPreBarrier(2);

            assertThat(committables(harness)).containsExactly("2 [a][a again, b, all of it]");
        }
    }
}
