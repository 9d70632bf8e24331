package io.tributary.flow;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.OffsetRange;
import io.tributary.change.SourcePartition;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
class MarksTest {
    private static final SourcePartition ZERO = new SourcePartition("t", 0);
    private static final SourcePartition ONE = new SourcePartition("t", 1);

    private static Map<SourcePartition, OffsetRange> rows(SourcePartition partition, long first, long last) {
        return Map.of(partition, new OffsetRange("id", OffsetRange.UNKNOWN, first, last));
    }

    @Test
    void eachPartBeginsWhereTheOneBeforeEnded() {
        Marks marks = Marks.none(true);

        assertThat(marks.pass("a", rows(ZERO, 3, 9))).isEqualTo(Map.of(ZERO, new OffsetRange("id", 0, 3, 9)));
        assertThat(marks.pass("a", rows(ZERO, 15, 19))).isEqualTo(Map.of(ZERO, new OffsetRange("id", 10, 15, 19)));
        assertThat(marks.pass("b", rows(ZERO, 16, 17))).isEqualTo(Map.of(ZERO, new OffsetRange("id", 0, 16, 17)));
    }

    @Test
    void aPartSaysOfAllPartitionsWhatMustBeThere() {
        Marks marks = Marks.none(true);
        marks.pass("a", rows(ZERO, 0, 9));

        assertThat(marks.pass("a", rows(ONE, 5, 5)))
                .isEqualTo(Map.of(ZERO, OffsetRange.empty(10), ONE, new OffsetRange("id", 0, 5, 5)));
    }

    @Test
    void whatIsReadAgainDoesNotTakeTheMarkBack() {
        Marks marks = Marks.none(true);
        marks.pass("a", rows(ZERO, 0, 9));
        marks.pass("a", rows(ZERO, 0, 4));

        assertThat(marks.pass("a", Map.of())).isEqualTo(Map.of(ZERO, OffsetRange.empty(10)));
    }

    @Test
    void marksGoThroughACheckpoint() throws IOException {
        Marks marks = Marks.none(true);
        marks.pass("a", rows(ZERO, 0, 9));
        marks.pass("b\nc", rows(ONE, 0, 4));
        Marks restored = Marks.fromBytes(marks.toBytes("job"), "job");

        assertThat(restored.prove()).isEmpty();
        assertThat(restored.pass("a", Map.of())).isEqualTo(Map.of(ZERO, OffsetRange.empty(10)));
        assertThat(restored.pass("b\nc", rows(ONE, 7, 7))).isEqualTo(Map.of(ONE, new OffsetRange("id", 5, 7, 7)));
        assertThat(restored.pass("new", rows(ONE, 7, 7))).isEqualTo(Map.of(ONE, new OffsetRange("id", 0, 7, 7)));
    }

    @Test
    void aJobThatWasSubmittedProvesEachTableOnce() throws IOException {
        Marks marks = Marks.none(true);
        marks.pass("a", rows(ZERO, 0, 9));
        marks.pass("b", rows(ZERO, 10, 11));
        Marks restored = Marks.fromBytes(marks.toBytes("job"), "another");
        restored.pass("b", rows(ZERO, 12, 12));

        assertThat(restored.prove()).isEqualTo(Map.of("a", Map.of(ZERO, OffsetRange.empty(10))));
        assertThat(restored.prove()).isEmpty();
    }

    /** A savepoint of an earlier version says nothing of what the sinks had before it: the first part sets the marks. */
    @Test
    void withoutMarksNothingIsKnownOfWhatWentBefore() throws IOException {
        Marks marks = Marks.none(false);

        assertThat(marks.pass("a", rows(ZERO, 30, 39)))
                .isEqualTo(Map.of(ZERO, new OffsetRange("id", OffsetRange.UNKNOWN, 30, 39)));
        Marks restored = Marks.fromBytes(marks.toBytes("job"), "another");
        assertThat(restored.pass("a", rows(ZERO, 45, 45))).isEqualTo(Map.of(ZERO, new OffsetRange("id", 40, 45, 45)));
        assertThat(restored.pass("late", rows(ZERO, 45, 45)))
                .isEqualTo(Map.of(ZERO, new OffsetRange("id", OffsetRange.UNKNOWN, 45, 45)));
    }
}
