package io.tributary.poison;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Harness;
import io.tributary.flow.Tally.Counter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a few records of each poison cost the good table's records beside them, against their time alone, and how long many of them take, by
 * turns in one run: {@code mvn -q test -Dtest=PoisonBenchmark}. No part of the tests.
 */
@Harness
class PoisonBenchmark {
    private static final int GOOD = 20_000;
    private static final int FEW = 10;
    private static final int ROUNDS = 25;
    private static final int ROUNDS_OF_MANY = 3;
    /** Of the time alone. */
    private static final double MOST = 1.5;

    @TempDir
    Path folder;

    @Test
    void aPoisonCostsLittle() throws Exception {
        PoisonJob job = new PoisonJob(folder);
        Map<Poison, List<Duration>> few = new EnumMap<>(Poison.class);
        Map<Poison, List<Duration>> all = new EnumMap<>(Poison.class);
        for (int round = 0; round < ROUNDS; round++) {
            for (Poison poison : Poison.values()) {
                add(few, poison, job.run(poison, GOOD, Math.min(FEW, poison.records)));
                if (round < ROUNDS_OF_MANY) {
                    add(all, poison, job.run(poison, GOOD, poison.records));
                }
            }
        }
        double alone = least(few.get(Poison.NONE));
        few.forEach((poison, times) -> System.out.printf(
                "%-18s %2d records %6.3f s %5.2f   %,6d records %6.3f s%n",
                poison,
                Math.min(FEW, poison.records),
                least(times),
                least(times) / alone,
                poison.records,
                least(all.get(poison))));
        few.remove(Poison.LARGE_KEYS); // of 10 MB each, which must be read: 200 MB a second
        assertThat(few)
                .allSatisfy((poison, times) -> assertThat(least(times) / alone).isLessThanOrEqualTo(MOST));
        assertThat(least(all.get(Poison.LARGE_KEYS)) / Poison.LARGE_KEYS.records)
                .isLessThan(0.1);
    }

    /** As many as {@code limits.tables} has; the part of {@code .ci/full} gives it a heap of 1 GiB. */
    @Test
    void tenThousandTables() throws Exception {
        PoisonJob.Result result = new PoisonJob(folder).run(Poison.NEW_TABLE_EACH, GOOD, 10_000 - 1);
        System.out.printf(
                "10,000 tables      %6.3f s in a heap of %,d MiB%n",
                least(List.of(result.time())), Runtime.getRuntime().maxMemory() >> 20);
        assertThat(result.good()).hasSize(GOOD);
        assertThat(result.account().total(Counter.APPLIED)).isEqualTo(GOOD + 10_000 - 1);
    }

    private static void add(Map<Poison, List<Duration>> times, Poison poison, PoisonJob.Result result) {
        assertThat(result.good()).hasSize(GOOD);
        times.computeIfAbsent(poison, p -> new ArrayList<>()).add(result.time());
    }

    /** In seconds: what else the machine does only adds to it. */
    private static double least(List<Duration> times) {
        return times.stream().min(Duration::compareTo).orElseThrow().toMillis() / 1000.0;
    }
}
