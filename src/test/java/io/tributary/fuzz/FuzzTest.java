package io.tributary.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Five million: {@code mvn -q test -Dtest=FuzzTest -Dtributary.fuzz=5000000}; the life that failed alone: {@code -Dtributary.fuzz=4000
 * -Dtributary.fuzz.life=N}.
 */
@Harness
class FuzzTest {
    /** Of a life's state; a decoder that kept what mutants taught it would pass this within minutes. */
    private static final long MOST_HEAP = 128L << 20;

    /** A row from before its table had a key, swept by a snapshot. */
    @ParameterizedTest
    @ValueSource(longs = 476)
    void livesThatFailedOnce(long life) throws Exception {
        assertThat(Fuzz.life(life).outcomes()).containsKey("applied");
    }

    @Test
    void everyEventIsAppliedOrRejectedWithAReason() throws Exception {
        long events = Long.getLong("tributary.fuzz", 60_000);
        Fuzz.Report report = Fuzz.run(events, Long.getLong("tributary.fuzz.seed", Fuzz.SEED));
        System.out.println("fuzz: " + report);

        // a lost half of a changed key is told beside the record that tells of it
        long halves = report.outcomes().getOrDefault("rejected half-key-change", 0L);
        assertThat(report.total()).isEqualTo(events + halves);
        assertThat(report.outcomes()).containsKeys("applied", "duplicates", "ignored", "rejected value");
        assertThat(report.outcomes().get("applied"))
                .as("mutants that come through")
                .isGreaterThan(events / 5);
        assertThat(report.heapMost() - report.heapBefore()).isLessThan(MOST_HEAP);
        assertThat(report.slowest()).isLessThan(Duration.ofSeconds(10));
    }
}
