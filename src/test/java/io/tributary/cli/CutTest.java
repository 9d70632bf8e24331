package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.change.SourcePartition;
import io.tributary.cli.Cut.Ends;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@Pure
class CutTest {
    private static final SourcePartition ZERO = new SourcePartition("cdc.s.t", 0);
    private static final SourcePartition ONE = new SourcePartition("cdc.s.t", 1);

    private static Cut cut(
            @Nullable Map<String, Map<SourcePartition, Long>> lake,
            @Nullable Map<String, Map<SourcePartition, Long>> mirrors,
            boolean isMirrored) {
        Map<String, Map<String, Map<SourcePartition, Long>>> shown = new LinkedHashMap<>();
        if (lake != null) {
            shown.put("lake", lake);
        }
        if (mirrors != null) {
            shown.put("mirror", mirrors);
        }
        return Cut.of(shown, (sink, table) -> sink.equals("lake") || isMirrored);
    }

    private static Ends ends(long lake, long mirror) {
        return new Ends(Map.of("lake", lake, "mirror", mirror));
    }

    @Test
    void allHaveWhatTheLeastHas() {
        Cut cut = cut(Map.of("s.t", Map.of(ZERO, 7L)), Map.of("s.t", Map.of(ZERO, 5L)), true);

        assertThat(cut.tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, ends(7, 5))));
        assertThat(ends(7, 5).asOf()).isEqualTo(5);
        assertThat(ends(5, 7).asOf()).isEqualTo(5);
    }

    @Test
    void whatOneHasNothingOfItHasUpToZero() {
        Cut cut = cut(Map.of("s.t", Map.of(ZERO, 7L)), Map.of("s.t", Map.of(ONE, 5L)), true);

        assertThat(cut.tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, ends(7, 0), ONE, ends(0, 5))));
        assertThat(ends(7, 0).asOf()).isZero();
    }

    @Test
    void whatIsNotBroughtThereDoesNotHoldTheOthersBack() {
        Map<String, Map<SourcePartition, Long>> ends = Map.of("s.t", Map.of(ZERO, 7L));
        Ends ofLake = new Ends(Map.of("lake", 7L));

        assertThat(cut(ends, Map.of(), false).tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, ofLake)));
        assertThat(cut(ends, null, true).tables()).isEqualTo(Map.of("s.t", Map.of(ZERO, ofLake)));
        assertThat(cut(null, ends, true).tables())
                .isEqualTo(Map.of("s.t", Map.of(ZERO, new Ends(Map.of("mirror", 7L)))));
        assertThat(ofLake.asOf()).isEqualTo(7);
    }
}
