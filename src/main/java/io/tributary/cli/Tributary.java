package io.tributary.cli;

import io.tributary.change.Printable;
import io.tributary.flow.ConfigException;
import io.tributary.flow.Nearest;
import io.tributary.flow.UnreachableException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.config.Configurator;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.TypeConversionException;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code ./tributary COMMAND}. Exit codes: 0 well, 1 the answer is no, 2 wrong use or configuration, 3 unreachable. */
@Command(
        name = "tributary",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Debezium change events in Kafka to an exactly-once lake.",
        subcommands = {
            DemoCommand.class,
            InitCommand.class,
            UpCommand.class,
            GenerateCommand.class,
            ImportCsvCommand.class,
            RunCommand.class,
            ValidateCommand.class,
            CheckCommand.class,
            AuditCommand.class,
            RepairCommand.class,
            AsOfCommand.class,
            ConnectorsCommand.class,
            DeadLettersCommand.class,
            ExplainCommand.class,
            CompactCommand.class,
            RecordCommand.class,
            BenchCommand.class,
            CommandLine.HelpCommand.class,
            HelpPages.Completion.class,
            HelpPages.class
        })
public final class Tributary implements Runnable {
    static final int NO = 1;
    static final int WRONG_USE = 2;
    static final int UNREACHABLE = 3;

    private Tributary() {}

    public static void main(String[] args) {
        int exit = NO;
        try {
            exit = commandLine().execute(args);
        } catch (Throwable e) { // nothing may end the process without a word
            say(e.toString());
            LogManager.getLogger(Tributary.class).fatal("the command failed", e);
        } finally {
            LogManager.shutdown();
            // Flink, Kafka and Connect leave threads that would keep the process up
            Runtime.getRuntime().halt(exit);
        }
    }

    /** Tells how far a command is, beside its output. */
    static void say(String line) {
        System.err.println("tributary: " + Printable.of(line));
    }

    /** The same on standard output, where that has nothing else. */
    static void tell(String line) {
        System.out.println("tributary: " + Printable.of(line));
    }

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Tributary());
        line.registerConverter(Level.class, Tributary::level);
        line.setParameterExceptionHandler(Tributary::wrongUse);
        line.setExecutionExceptionHandler((error, command, parsed) -> failed(error, command));
        return line;
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            scope = ScopeType.INHERIT,
            description = "of .tributary/tributary.log: ERROR, WARN, INFO or DEBUG (default: INFO)")
    @SuppressWarnings("UnusedMethod") // picocli calls it
    private void logLevel(Level level) {
        Configurator.setRootLevel(level);
    }

    /** As the option has it. */
    private static Level level(String name) {
        Level level = Level.getLevel(name.toUpperCase(Locale.ROOT));
        if (level == null) {
            throw new TypeConversionException("'" + name + "' is none of ERROR, WARN, INFO and DEBUG");
        }
        return level;
    }

    private static int wrongUse(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        String help = command.getCommandSpec().qualifiedName(" ") + " --help";
        command.getErr().println("tributary: " + Printable.of(reason(error, command)) + " (see: " + help + ")");
        return WRONG_USE;
    }

    /** Of a word that nobody knows, the one that may have been meant. */
    private static String reason(ParameterException error, CommandLine command) {
        if (!(error instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return firstLine(error);
        }
        String word = unmatched.getUnmatched().get(0);
        List<String> known = new ArrayList<>();
        if (word.startsWith("-")) {
            command.getCommandSpec().options().forEach(option -> known.addAll(List.of(option.names())));
        } else {
            command.getSubcommands().forEach((name, each) -> {
                if (!each.getCommandSpec().usageMessage().hidden()) {
                    known.add(name);
                }
            });
        }
        String nearest = Nearest.of(word, known);
        return nearest.isEmpty()
                ? firstLine(error)
                : "'%s' is no %s; did you mean '%s'?"
                        .formatted(word, word.startsWith("-") ? "option" : "command", nearest);
    }

    private static int failed(Exception error, CommandLine command) {
        Throwable cause = error;
        while (cause.getCause() != null
                && !(cause instanceof ConfigException)
                && !(cause instanceof UnreachableException)) {
            cause = cause.getCause();
        }
        command.getErr().println("tributary: " + Printable.of(firstLine(cause)));
        org.slf4j.LoggerFactory.getLogger(Tributary.class).error("the command failed", error);
        return cause instanceof ConfigException ? WRONG_USE : cause instanceof UnreachableException ? UNREACHABLE : NO;
    }

    private static String firstLine(Throwable error) {
        String message = error.getMessage() == null ? error.toString() : error.getMessage();
        return message.lines().findFirst().orElse(message);
    }
}
