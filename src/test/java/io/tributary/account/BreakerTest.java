package io.tributary.account;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import io.tributary.account.BreakerLimits.Scope;
import io.tributary.flow.Tally;
import io.tributary.flow.Tally.Counter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

@Pure
class BreakerTest {
    private final Breaker breaker = new Breaker(new BreakerLimits(0.5, Duration.ofSeconds(60), 1000, Scope.JOB));

    private void read(String table, long count, long now) {
        breaker.add(new Tally(table, Counter.READ, "", count), now);
    }

    private void rejected(String table, String reason, long count, String detail, long now) {
        breaker.add(new Tally(new Tally.Name(table, Counter.REJECTED, reason), count, detail), now);
    }

    private void holds(long now) {
        assertThat(breaker.judge(now)).isEmpty();
    }

    @Test
    void moreThanTheShareTripsWithTheReasonOfMostAndItsLastDetail() {
        read("public.t", 1000, 0);
        rejected("public.t", "value", 500, "[t-0@1] first", 0);
        rejected("public.t", "value", 12, "[t-0@9] second", 100);
        rejected("public.t", "key", 300, "[t-0@5] other", 100);
        holds(500);

        assertThat(breaker.judge(1000))
                .containsExactly(Map.entry(
                        "public.t",
                        "rejected 812 of the last 1,000 records of public.t in 60 s (breaker.share 0.5), most for reason"
                                + " 'value': [t-0@9] second"));
    }

    @Test
    void aShareOfOneIsOffAlsoWhereWhatWasReadEarlierIsRejectedNow() {
        Breaker off = new Breaker(new BreakerLimits(1, Duration.ofSeconds(60), 1000, Scope.JOB));
        off.add(new Tally("t", Counter.READ, "", 1000), 0);
        off.add(new Tally(new Tally.Name("t", Counter.REJECTED, "rule"), 1200, ""), 0);
        off.judge(500);
        assertThat(off.judge(1000)).isEmpty();
    }

    @Test
    void theShareItselfIsAllowed() {
        read("t", 1000, 0);
        rejected("t", "value", 500, "", 0);
        holds(500);
        holds(1000);
        rejected("t", "value", 1, "", 1000);
        holds(1500);
        assertThat(breaker.judge(2000)).hasSize(1);
    }

    @Test
    void fewRecordsSayNothing() {
        read("t", 999, 0);
        rejected("t", "value", 999, "", 0);
        holds(500);
        holds(1000);
        read("t", 1, 1000);
        assertThat(breaker.judge(1000)).hasSize(1);
    }

    @Test
    void aTableIsJudgedByItselfOnly() {
        read("large", 100_000, 0);
        read("small", 1000, 0);
        rejected("small", "value", 900, "", 0);
        holds(500);
        assertThat(breaker.judge(1000)).containsOnlyKeys("small");
    }

    @Test
    void whatIsOlderThanTheWindowIsForgotten() {
        read("t", 600, 0);
        rejected("t", "value", 600, "", 0);
        holds(500);
        read("t", 600, 61_000);
        rejected("t", "value", 600, "", 61_000);
        holds(61_000);
        holds(61_500);
    }

    @Test
    void theWindowSlides() {
        for (long now = 0; now < 300_000; now += 1000) {
            read("t", 100, now);
            rejected("t", "value", 49, "", now);
            holds(now);
        }
        for (long now = 300_000; now < 320_000; now += 1000) { // the good records before do not hide it for long
            read("t", 100, now);
            rejected("t", "value", 100, "", now);
        }
        breakerTrips(321_000);
    }

    private void breakerTrips(long now) {
        holds(now);
        assertThat(breaker.judge(now + 500)).hasSize(1);
    }

    @Test
    void rejectionsWaitForTheReadsOfTheirMoment() {
        read("t", 1000, 0); // of one task, which rejects all; the other task's are on their way
        rejected("t", "value", 1000, "", 0);
        holds(0);
        read("t", 1000, 100);
        holds(500);
    }

    @Test
    void allIsJudgedAtTheEnd() {
        read("t", 1000, 0);
        rejected("t", "value", 501, "", 0);
        assertThat(breaker.judgeAll(0)).hasSize(1);
    }

    @Test
    void aShareOfOneNeverTrips() {
        Breaker off = new Breaker(new BreakerLimits(1, Duration.ofSeconds(60), 1, Scope.JOB));
        off.add(new Tally("t", Counter.READ, "", 10), 0);
        off.add(new Tally("t", Counter.REJECTED, "value", 10), 0);
        assertThat(off.judgeAll(0)).isEmpty();
    }

    @Test
    void aDetailOfManyLinesIsOneLine() {
        read("t", 1000, 0);
        rejected("t", "value", 1000, "a\r\nb\nc", 0);
        assertThat(breaker.judgeAll(0).get("t")).endsWith("'value': a b c");
    }
}
