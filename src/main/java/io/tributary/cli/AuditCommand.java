package io.tributary.cli;

import io.tributary.PipelineArguments;
import io.tributary.audit.Audit;
import io.tributary.audit.Comparison;
import io.tributary.change.Printable;
import io.tributary.change.TableName;
import io.tributary.config.PipelineConfig;
import io.tributary.config.TableFile;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import io.tributary.local.ObjectStores;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Compares a source with its sinks. */
@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Compares every table of the source with the lake and the warehouse: rows, checksum, and the keys that differ. The"
                        + " source may be changing: what differs is looked at again until all that was committed has passed the"
                        + " job. Exit 1 if a sink is wrong.")
final class AuditCommand implements Callable<Integer> {
    @Mixin
    private PipelineArguments pipeline = new PipelineArguments();

    @Option(
            names = "--table",
            paramLabel = "SCHEMA.TABLE",
            split = ",",
            description = "only these (default: all that a sink has)")
    private List<String> wanted = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            defaultValue = "3m",
            converter = DurationConverter.class,
            description = "how long changes may take to pass the job (default: ${DEFAULT-VALUE})")
    private Duration longest = Duration.ofMinutes(3);

    @Option(
            names = "--keys",
            paramLabel = "N",
            defaultValue = "20",
            description = "how many keys are shown of each table and sink (default: ${DEFAULT-VALUE})")
    private int shown;

    @Option(
            names = "--repair",
            description =
                    "asks the job for the rows of tables whose mirror or current rows are wrong, as 'repair' does")
    private boolean repair;

    @Option(names = "--json", description = "prints JSON")
    private boolean json;

    @Mixin
    private PostgresOptions postgres = new PostgresOptions();

    @Override
    public Integer call() throws Exception {
        PipelineConfig config = config();
        ObjectStores.openFor(config.lake());
        AuditReport report = new AuditReport(shown, longest);
        List<TableName> wrong = new ArrayList<>();
        try (Connection source = source();
                Audit audit = new Audit(source, config.views(), config, longest, Tributary::say)) {
            for (TableName table : tables(audit)) {
                if (!json) {
                    Tributary.say("comparing " + table);
                }
                TableFile own = config.tables().get(table.toString());
                Comparison comparison = own == null
                        ? audit.of(table, Set.of(), Set.of(), null)
                        : audit.of(table, own.hidden().keySet(), own.computed(), own.condition("tables." + table));
                if (comparison == null) {
                    throw new ConfigException(
                            "'--table' must be of the source " + postgres.place() + ", got '" + table + "'");
                }
                if (!comparison.agrees()) {
                    wrong.add(table);
                }
                List<String> lines = report.add(comparison);
                if (!json) {
                    lines.forEach(line -> System.out.println(Printable.of(line)));
                }
            }
        } catch (SQLException e) {
            throw new UnreachableException("cannot compare " + postgres.place() + ": " + e.getMessage());
        }
        System.out.println(Printable.lines(json ? report.json() : report.verdict()));
        if (repair && !wrong.isEmpty()) {
            new Repair(config, longest, line -> Tributary.say(Printable.of(line))).of(wrong);
            Tributary.say("repaired; audit again");
        }
        return report.agrees() ? 0 : Tributary.NO;
    }

    private PipelineConfig config() {
        // without a demo, reading says what is missing
        PipelineConfig config =
                pipeline.given() ? pipeline.read() : RunningStack.pipeline().orElseGet(pipeline::read);
        if (config.source().file() != null) {
            throw new ConfigException(
                    "'source.file' must not be there: an audit compares with the PostgreSQL behind 'source.topics', got '"
                            + config.source().file() + "'");
        }
        if (config.views().isEmpty()) {
            throw new ConfigException("'sinks' must have a lake or a warehouse to be compared, got neither");
        }
        return config;
    }

    private Connection source() {
        try {
            return postgres.connect();
        } catch (SQLException e) {
            throw new UnreachableException(
                    "cannot read the source at '--pg-host' " + postgres.place() + ": " + e.getMessage());
        }
    }

    private Set<TableName> tables(Audit audit) throws SQLException, IOException, InterruptedException {
        Set<TableName> tables = new LinkedHashSet<>();
        for (String name : wanted) {
            int dot = name.indexOf('.');
            if (dot < 0) {
                throw new ConfigException("'--table' must be SCHEMA.TABLE, got '" + name + "'");
            }
            tables.add(new TableName(name.substring(0, dot), name.substring(dot + 1)));
        }
        return tables.isEmpty() ? new LinkedHashSet<>(audit.tables()) : tables;
    }
}
