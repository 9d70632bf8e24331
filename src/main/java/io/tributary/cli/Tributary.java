package io.tributary.cli;

import io.tributary.change.Printable;
import io.tributary.flow.ConfigException;
import io.tributary.flow.UnreachableException;
import org.apache.logging.log4j.LogManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/** {@code ./tributary COMMAND}. Exit codes: 0 well, 1 the answer is no, 2 wrong use or configuration, 3 unreachable. */
@Command(
        name = "tributary",
        mixinStandardHelpOptions = true,
        version = "tributary 0.1.0",
        description = "Debezium change events in Kafka to an exactly-once lake.",
        subcommands = {
            DemoCommand.class,
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
            BenchCommand.class
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

    static CommandLine commandLine() {
        CommandLine line = new CommandLine(new Tributary());
        line.setParameterExceptionHandler(Tributary::wrongUse);
        line.setExecutionExceptionHandler((error, command, parsed) -> failed(error, command));
        return line;
    }

    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    private static int wrongUse(ParameterException error, String[] args) {
        String help = error.getCommandLine().getCommandSpec().qualifiedName(" ") + " --help";
        error.getCommandLine()
                .getErr()
                .println("tributary: " + Printable.of(firstLine(error)) + " (see: " + help + ")");
        return WRONG_USE;
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
