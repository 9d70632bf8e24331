package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.change.Printable;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.flow.ConfigException;
import io.tributary.sink.SinkRepairs;
import io.tributary.sink.SinkView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings a sink that has lost rows back to what the job has. */
@Command(
        name = "repair",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Asks the running job for all rows that it has of a table, which take the place of those of its mirror and of current/: after a"
                    + " restored backup, or where somebody has changed them. No snapshot is taken, and nothing else waits.",
            "What a mirror's history has lost meanwhile is noted in cdc_gaps. A history of the lake that has lost rows is filled by a job"
                    + " that is submitted afresh, without state."
        })
final class RepairCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments pipeline = new PipelineArguments();

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.TABLE",
            split = ",",
            description = "these (default: all whose mirror needs repair)")
    private List<String> wanted = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "2m",
            converter = DurationConverter.class,
            description = "how long for the job's answer (default: ${DEFAULT-VALUE})")
    private Duration wait = Duration.ofMinutes(2);

    @Override
    public Integer call() {
        PipelineConfig config =
                pipeline.given() ? pipeline.read() : RunningStack.pipeline().orElseGet(pipeline::read);
        if (config.source().file() != null) {
            throw new ConfigException("'source.bootstrap' must be set: a job over a recorded file cannot be asked");
        }
        List<TableName> tables = new ArrayList<>();
        for (String name : wanted.isEmpty() ? broken(config) : wanted) {
            tables.add(table(name));
        }
        if (tables.isEmpty()) {
            System.out.println("no mirror needs repair; '--table' names what is to be filled all the same");
            return 0;
        }
        new Repair(config, wait, line -> System.out.println(Printable.of(line))).of(tables);
        return 0;
    }

    private static TableName table(String name) {
        int dot = name.indexOf('.');
        if (dot < 0) {
            throw new ConfigException("'--table' must be SCHEMA.TABLE, got '" + name + "'");
        }
        return new TableName(name.substring(0, dot), name.substring(dot + 1));
    }

    private static Set<String> broken(PipelineConfig config) {
        Set<String> broken = new LinkedHashSet<>();
        boolean tells = false;
        for (SinkView view : config.views()) {
            try (SinkRepairs repairs = view.repairs()) {
                if (repairs != null) {
                    tells = true;
                    broken.addAll(repairs.broken());
                }
            }
        }
        if (!tells) {
            throw new ConfigException("'--table' must name tables where there is no 'sinks.warehouse'");
        }
        return broken;
    }
}
