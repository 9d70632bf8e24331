package io.tributary.poison;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.account.Account;
import io.tributary.flow.Tally.Counter;
import java.nio.file.Path;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever one table's records try, the other table's rows come, each record has its outcome, and the job ends well. */
@Harness
@Timeout(120)
class PoisonTest {
    private static final int GOOD = 2000;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void theGoodTablesRowsCome(Poison poison) throws Exception {
        PoisonJob.Result result = new PoisonJob(folder).run(poison, GOOD, poison.records);
        assertThat(result.good())
                .containsExactlyElementsOf(LongStream.range(0, GOOD).boxed().toList());
        Account account = result.account();
        assertThat(account.total(Counter.READ)).isEqualTo(GOOD + poison.records);
        assertThat(account.total(Counter.APPLIED))
                .isEqualTo(GOOD + (poison.outcome == Counter.APPLIED ? poison.records : 0));
        assertThat(account.total(Counter.REJECTED)).isEqualTo(poison.outcome == Counter.REJECTED ? poison.records : 0);
    }
}
