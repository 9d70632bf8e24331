package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.SourcePartition;
import io.tributary.cli.Cut.Ends;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
class CutTest {
    private static final SourcePartition ZERO = new SourcePartition("cdc.s.t", 0);
    private static final SourcePartition ONE = new SourcePartition("cdc.s.t", 1);

    @Test
    void bothHaveWhatTheLesserHas() {
        Cut cut = Cut.of(Map.of("s.t", Map.of(ZERO, 7L)), Map.of("s.t", Map.of(ZERO, 5L)), table -> true);

        assertThat(cut.tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(7L, 5L))));
        assertThat(new Ends(7L, 5L).asOf()).isEqualTo(5);
        assertThat(new Ends(5L, 7L).asOf()).isEqualTo(5);
    }

    @Test
    void whatOneHasNothingOfItHasUpToZero() {
        Cut cut = Cut.of(Map.of("s.t", Map.of(ZERO, 7L)), Map.of("s.t", Map.of(ONE, 5L)), table -> true);

        assertThat(cut.tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(7L, 0L), ONE, new Ends(0L, 5L))));
        assertThat(new Ends(7L, 0L).asOf()).isZero();
    }

    @Test
    void whatIsNotBroughtThereDoesNotHoldTheOtherBack() {
        Map<String, Map<SourcePartition, Long>> ends = Map.of("s.t", Map.of(ZERO, 7L));

        assertThat(Cut.of(ends, Map.of(), table -> false).tables())
                .isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(7L, null))));
        assertThat(Cut.of(ends, null, table -> true).tables())
                .isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(7L, null))));
        assertThat(Cut.of(null, ends, table -> true).tables())
                .isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(null, 7L))));
        assertThat(new Ends(7L, null).asOf()).isEqualTo(7);
        assertThat(new Ends(null, 7L).asOf()).isEqualTo(7);
    }
}
