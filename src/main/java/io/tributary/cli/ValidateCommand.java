package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.account.BreakerLimits;
import io.tributary.config.PipelineConfig;
import io.tributary.source.SourceSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Reads a pipeline file and says what it would do. */
@Command(name = "validate", mixinStandardHelpOptions = true, description = "Reads a pipeline file and prints the plan.")
final class ValidateCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Override
    public Integer call() {
        PipelineConfig config = options.read();
        System.out.println("pipeline " + config.name());
        SourceSettings source = config.source();
        System.out.println(
                source.file() != null
                        ? "  source   file " + source.file()
                        : "  source   Kafka " + source.bootstrap() + ", topics " + source.topics());
        config.tables()
                .forEach((name, table) -> System.out.println("  table    " + name
                        + (table.key() == null ? "" : ", key " + table.key())
                        + (table.types() == null ? "" : ", types " + table.types())
                        + (table.buckets() == null ? "" : ", buckets " + table.buckets())));
        config.sinks().values().forEach(sink -> System.out.println("  " + sink.description()));
        BreakerLimits breaker = config.breakerLimits();
        System.out.println(
                breaker.share() >= 1
                        ? "  breaker  off"
                        : "  breaker  rejected more than %s of at least %,d records of a table in %d s: %s"
                                .formatted(
                                        breaker.share(),
                                        breaker.least(),
                                        breaker.window().toSeconds(),
                                        breaker.scope() == BreakerLimits.Scope.JOB
                                                ? "the job ends"
                                                : "the table is named"));
        return 0;
    }
}
