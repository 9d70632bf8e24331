package io.tributary.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.OffsetRange.Covered;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a part may come to a sink: exactly where that stands, or further back. */
@Pure
class OffsetRangeTest {
    private static final SourcePartition ZERO = new SourcePartition("t", 0);
    private static final SourcePartition ONE = new SourcePartition("t", 1);

    /** Ranges as from/first..last, in which an empty one has its last before its first. */
    private static OffsetRange range(String text, String id) {
        String[] parts = text.split("/|\\.\\.", -1);
        return new OffsetRange(id, Long.parseLong(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2]));
    }

    @ParameterizedTest
    @CsvSource({
        // exactly there
        "10/10..19, 10, NOTHING",
        "10/15..19, 10, NOTHING",
        "10/15..19, 12, NOTHING",
        "0/15..19, 0, NOTHING",
        "-1/15..19, 0, NOTHING",
        "-1/15..19, 10, NOTHING",
        // done already, by this job or another
        "10/10..19, 20, ALL",
        "10/10..19, 99, ALL",
        "10/15..19, 17, PART",
        // the sink went back, or is another
        "10/15..19, 9, GAP",
        "10/10..19, 0, GAP",
        // nothing comes, and something must be there
        "10/10..9, 10, ALL",
        "10/10..9, 99, ALL",
        "10/10..9, 9, GAP",
        "10/10..9, 0, GAP",
    })
    void ofOnePartition(String range, long fence, Covered covered) {
        assertThat(OffsetRange.covered(Map.of(ZERO, range(range, "")), Map.of(ZERO, fence), Map.of()))
                .isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource({
        "10/10..19, 10, 5/5..9, 5, NOTHING",
        "10/10..19, 20, 5/5..9, 10, ALL",
        // another job wrote the one and not the other
        "10/10..19, 20, 5/5..9, 5, PART",
        // one of several went back
        "10/10..19, 10, 5/5..9, 4, GAP",
        // a partition that brings nothing must be there as well
        "10/10..19, 10, 5/5..4, 5, NOTHING",
        "10/10..19, 10, 5/5..4, 4, GAP",
        "10/10..19, 20, 5/5..4, 5, ALL",
        "10/10..19, 20, 5/5..4, 4, GAP",
    })
    void ofTwo(String zero, long fenceOfZero, String one, long fenceOfOne, Covered covered) {
        assertThat(OffsetRange.covered(
                        Map.of(ZERO, range(zero, ""), ONE, range(one, "")),
                        Map.of(ZERO, fenceOfZero, ONE, fenceOfOne),
                        Map.of()))
                .isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource({
        "a, a, NOTHING",
        "a, '', NOTHING",
        "'', a, NOTHING",
        "b, a, OTHER_TOPIC",
    })
    void ofATopicThatMayBeAnother(String id, String known, Covered covered) {
        assertThat(OffsetRange.covered(
                        Map.of(ZERO, range("10/10..19", id)),
                        Map.of(ZERO, 10L),
                        known.isEmpty() ? Map.of() : Map.of("t", known)))
                .isEqualTo(covered);
    }

    @ParameterizedTest
    @CsvSource({
        "5/5..9, 5/20..29, 5/5..29",
        // what a writer skipped says nothing of where rows begin
        "5/51..50, 5/100..200, 5/100..200",
        "5/100..200, 5/51..50, 5/100..200",
        "5/51..50, 5/100..99, 5/100..99",
    })
    void together(String one, String other, String both) {
        assertThat(range(one, "").with(range(other, "id"))).isEqualTo(range(both, "id"));
    }

    @ParameterizedTest
    @CsvSource({"10/10..19, 20", "10/10..9, "})
    void onlyRowsMoveAFence(String range, Long end) {
        Map<SourcePartition, Long> ends = new TreeMap<>();
        if (end != null) {
            ends.put(ZERO, end);
        }
        assertThat(OffsetRange.ends(Map.of(ZERO, range(range, "")))).isEqualTo(ends);
    }
}
