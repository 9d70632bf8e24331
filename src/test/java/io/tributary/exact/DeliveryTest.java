package io.tributary.exact;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.change.RawRecord;
import io.tributary.exact.Capture.Form;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/** However a capture is delivered, and wherever the job starts again on the way: the same rows in the end. */
@Harness
class DeliveryTest {
    private static final Map<String, Map<String, Object>> UNDISTURBED = new HashMap<>();

    @Provide
    Arbitrary<String> captures() {
        return Arbitraries.of(Capture.NAMES);
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void suffixDeliveredTwiceChangesNothing(@ForAll("captures") String name, @ForAll long seed) throws Exception {
        Capture capture = new Capture(name, Form.SCHEMAS);
        List<RawRecord> records = new Traffic(capture.records()).redelivered(new Random(seed));

        assertSame(capture, records, new Random(seed), 0);
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void restartFromACheckpointAtAnyRecordChangesNothing(@ForAll("captures") String name, @ForAll long seed)
            throws Exception {
        Capture capture = new Capture(name, Form.SCHEMAS);

        assertSame(capture, capture.records(), new Random(seed), 3);
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void orderAcrossPartitionsChangesNothing(@ForAll("captures") String name, @ForAll long seed) throws Exception {
        Capture capture = new Capture(name, Form.SCHEMAS);
        Random random = new Random(seed);
        List<RawRecord> records = new Traffic(capture.records()).interleaved(2 + random.nextInt(2), random);

        assertSame(capture, records, random, 1);
    }

    private static void assertSame(Capture capture, List<RawRecord> records, Random random, int restarts)
            throws Exception {
        Replay replay = Replay.start(capture.pipeline(), 1 + random.nextInt(3), 1 + random.nextInt(4));
        try {
            int[] at = random.ints(restarts, 0, records.size()).sorted().toArray();
            int next = 0;
            for (int i = 0; i < records.size(); i++) {
                while (next < restarts && at[next] == i) {
                    replay = replay.restarted(1 + random.nextInt(3), 1 + random.nextInt(4));
                    next++;
                }
                replay.send(records.get(i));
            }
            assertThat(Fold.all(replay.history(), capture.expected())).isEqualTo(undisturbed(capture));
            assertThat(Fold.faults(replay.history())).isEmpty();
            assertThat(undisturbedLetters(capture)).containsAll(letters(replay));
        } finally {
            replay.close();
        }
    }

    /** What is rejected however it comes. */
    private static Set<String> undisturbedLetters(Capture capture) throws Exception {
        try (Replay replay = Replay.of(capture)) {
            return letters(replay);
        }
    }

    private static Set<String> letters(Replay replay) {
        return replay.deadLetters().stream()
                .map(letter ->
                        Objects.requireNonNull(letter.image().get("value")).value())
                .map(value -> new String((byte[]) Objects.requireNonNull(value), StandardCharsets.UTF_8))
                .collect(Collectors.toSet());
    }

    private static Map<String, Object> undisturbed(Capture capture) throws Exception {
        Map<String, Object> known = UNDISTURBED.get(capture.name());
        if (known == null) {
            try (Replay replay = Replay.of(capture)) {
                known = Fold.all(replay.history(), capture.expected());
                UNDISTURBED.put(capture.name(), known);
            }
        }
        return known;
    }
}
