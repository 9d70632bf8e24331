package io.tributary.decode;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tributary.Pure;
import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import io.tributary.local.BenchEvents;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Decode alone, against Jackson's tree over the same bytes, in one run: {@code mvn -q test -Dtest=DecodeBenchmark}. No part of
 * the tests, whose times would depend on what else the machine does.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Pure
public class DecodeBenchmark {
    /** Of the time that Jackson's tree takes. */
    private static final double MOST_OF_TREE = 0.5;
    /** What the schema block in front may cost, as a multiple of the time without it. */
    private static final double MOST_WITH_BLOCK = 1.6;

    /** Some thousand distinct events, more than a branch predictor learns by heart. */
    @State(Scope.Thread)
    public static class Plain {
        final List<RawRecord> events;
        final Decoder decoder = new Decoder(DecodeSettings.NONE);
        final Event change = new Event();
        final ObjectMapper mapper = new ObjectMapper();
        private int next;

        public Plain() {
            this(false);
        }

        Plain(boolean schema) {
            events = new ArrayList<>();
            BenchEvents.sample(
                    4096,
                    schema,
                    (key, value) ->
                            events.add(new RawRecord().set(BenchEvents.TOPIC, 0, events.size(), 0, key, value)));
        }

        RawRecord event() {
            next = (next + 1) & (events.size() - 1);
            return events.get(next);
        }

        Outcome decode() {
            Outcome outcome = decoder.decode(event(), change);
            if (outcome != Outcome.CHANGE) {
                throw new IllegalStateException(outcome + " " + decoder.detail());
            }
            return outcome;
        }

        JsonNode tree() throws IOException {
            return mapper.readTree(event().value);
        }
    }

    /** The same events behind their schema block. */
    @State(Scope.Thread)
    public static class WithBlock extends Plain {
        public WithBlock() {
            super(true);
        }
    }

    @Benchmark
    public Outcome plain(Plain events) {
        return events.decode();
    }

    @Benchmark
    public Outcome withBlock(WithBlock events) {
        return events.decode();
    }

    @Benchmark
    public JsonNode jacksonTree(Plain events) throws IOException {
        return events.tree();
    }

    @Benchmark
    public JsonNode jacksonTreeWithBlock(WithBlock events) throws IOException {
        return events.tree();
    }

    @Test
    void decodeIsTwiceAsFastAsATreeAndTheSchemaBlockCostsLittle() throws RunnerException {
        Collection<RunResult> results = new Runner(new OptionsBuilder()
                        .include("\\." + DecodeBenchmark.class.getSimpleName() + "\\.")
                        .forks(2)
                        .warmupIterations(3)
                        .warmupTime(TimeValue.seconds(1))
                        .measurementIterations(5)
                        .measurementTime(TimeValue.seconds(1))
                        .jvmArgs("-Xmx512m")
                        .shouldFailOnError(true)
                        .build())
                .run();
        double ofTree = nanos(results, "plain") / nanos(results, "jacksonTree");
        double withBlock = nanos(results, "withBlock") / nanos(results, "plain");
        boolean holds = ofTree <= MOST_OF_TREE && withBlock <= MOST_WITH_BLOCK;
        System.out.printf(
                "decode / Jackson's tree   %.3f (at most %.1f)%nwith / without the block  %.3f (at most %.1f)%nRESULT %s%n",
                ofTree, MOST_OF_TREE, withBlock, MOST_WITH_BLOCK, holds ? "holds" : "MISSED");
        assertThat(ofTree).as("time of decode / of Jackson's tree").isLessThanOrEqualTo(MOST_OF_TREE);
        assertThat(withBlock).as("time with / without the schema block").isLessThanOrEqualTo(MOST_WITH_BLOCK);
    }

    private static double nanos(Collection<RunResult> results, String benchmark) {
        return results.stream()
                .filter(result -> result.getPrimaryResult().getLabel().equals(benchmark))
                .findFirst()
                .orElseThrow()
                .getPrimaryResult()
                .getScore();
    }
}
