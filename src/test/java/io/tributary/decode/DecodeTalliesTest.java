package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.flow.Tallies;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import java.util.List;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

@Harness
class DecodeTalliesTest {
    private static List<Tally> tallies(OneInputStreamOperatorTestHarness<RawRecord, Event> harness) {
        return harness.getSideOutput(Tallies.OUTPUT).stream()
                .map(StreamRecord::getValue)
                .toList();
    }

    @Test
    void talliesAreToldWithoutACheckpointAndOnce() throws Exception {
        try (var harness = new OneInputStreamOperatorTestHarness<>(new DecodeOperator(DecodeSettings.NONE))) {
            harness.open();
            for (int i = 0; i < 3; i++) {
                harness.processElement(
                        new StreamRecord<>(new RawRecord().set("a.b.c", 0, i, 0, null, Decoding.bytes("{" + i))));
            }
            harness.setProcessingTime(Tallies.INTERVAL);
            harness.setProcessingTime(2 * Tallies.INTERVAL);
            harness.prepareSnapshotPreBarrier(1);

            assertThat(tallies(harness)).hasSize(2).contains(new Tally("b.c", Counter.READ, "", 3));
            Tally rejected = tallies(harness).stream()
                    .filter(tally -> tally.counter() == Counter.REJECTED)
                    .findFirst()
                    .orElseThrow();
            assertThat(rejected.count()).isEqualTo(3);
            assertThat(rejected.detail()).startsWith("[a.b.c-0@2] ");
        }
    }
}
