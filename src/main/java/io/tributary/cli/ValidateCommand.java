package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.account.BreakerLimits;
import io.tributary.change.Printable;
import io.tributary.config.PipelineConfig;
import io.tributary.config.TableFile;
import io.tributary.doctor.TopicNames;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.source.SourceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads a pipeline file and says what it would do. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Reads a pipeline file and prints the plan, hidden columns first. Exit 2 if something in it is wrong.")
final class ValidateCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments options = new PipelineArguments();

    @Option(
            names = "--against-topics",
            description =
                    "also looks whether the tables and columns that the file names are in the topics' newest records")
    private boolean againstTopics;

    @Override
    public Integer call() {
        PipelineConfig config = options.read();
        plan(config).forEach(line -> System.out.println(Printable.of(line)));
        if (!againstTopics) {
            return 0;
        }
        if (config.source().file() != null) {
            throw new ConfigException("'--against-topics' needs 'source.topics', got 'source.file'");
        }
        List<String> unknown;
        try {
            unknown = TopicNames.unknown(config);
        } catch (KafkaException e) {
            throw new UnreachableException(
                    "cannot reach Kafka at 'source.bootstrap' " + config.kafka().bootstrap() + ": " + e.getMessage());
        }
        unknown.forEach(Tributary::say);
        if (unknown.isEmpty()) {
            System.out.println("all tables and columns that it names are there");
        }
        return unknown.isEmpty() ? 0 : Tributary.WRONG_USE;
    }

    private static List<String> plan(PipelineConfig config) {
        List<String> lines = new ArrayList<>();
        lines.add("pipeline " + config.name());
        Map<String, TableFile> tables = new TreeMap<>(config.tables());
        tables.forEach((name, table) -> {
            if (!table.hidden().isEmpty()) {
                lines.add("  hidden   " + name + ": "
                        + table.hidden().entrySet().stream()
                                .map(column -> column.getKey() + " "
                                        + column.getValue().name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.joining(", ")));
            }
        });
        SourceSettings source = config.source();
        lines.add(
                source.file() != null
                        ? "  source   file " + source.file()
                        : "  source   Kafka " + source.bootstrap() + ", topics " + source.topics());
        tables.forEach((name, table) -> lines.add("  table    " + name + said(table)));
        config.metrics()
                .forEach(
                        (name, metric) -> lines.add("  metric   " + name + ": " + metric.table() + "." + metric.amount()
                                + (metric.labels() == null ? "" : " by " + String.join(", ", metric.labels()))));
        config.aggregateSettings()
                .forEach(aggregate -> lines.add(
                        "  sums     " + aggregate.name() + " of " + String.join(" and ", aggregate.tables())));
        config.sinks().values().forEach(sink -> lines.add("  " + sink.description()));
        lines.add(breaker(config.breakerLimits()));
        return lines;
    }

    private static String said(TableFile table) {
        StringBuilder said = new StringBuilder();
        said.append(table.key() == null ? "" : ", key " + table.key());
        said.append(table.types() == null ? "" : ", types " + table.types());
        said.append(table.buckets() == null ? "" : ", buckets " + table.buckets());
        said.append(table.where() == null ? "" : ", where " + table.where());
        said.append(
                table.computed().isEmpty()
                        ? ""
                        : ", computed "
                                + new TreeMap<>(table.columns())
                                        .keySet().stream()
                                                .filter(table.computed()::contains)
                                                .toList());
        said.append(table.rules() == null ? "" : ", rules of " + new TreeMap<>(table.rules()).keySet());
        return said.toString();
    }

    private static String breaker(BreakerLimits breaker) {
        return breaker.share() >= 1
                ? "  breaker  off"
                : "  breaker  rejected more than %s of at least %,d records of a table in %d s: %s"
                        .formatted(
                                breaker.share(),
                                breaker.least(),
                                breaker.window().toSeconds(),
                                breaker.scope() == BreakerLimits.Scope.JOB ? "the job ends" : "the table is named");
    }
}
