package io.tributary.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes what {@code ./tributary} shows without a Java of its own, and what a shell and {@code man} read. */
@Command(
        name = "help-pages",
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Writes NAME.txt and man1/NAME.1 of each command, and tributary-completion for bash and zsh.")
final class HelpPages implements Callable<Integer> {
    /** What the shell reads. */
    @Command(
            name = "completion",
            mixinStandardHelpOptions = true,
            description = "Prints completion for bash and zsh: source <(./tributary completion).")
    static final class Completion implements Callable<Integer> {
        @Spec
        private CommandSpec spec = CommandSpec.create();

        @Override
        public Integer call() {
            System.out.print(AutoComplete.bash("tributary", spec.root().commandLine()));
            return 0;
        }
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FOLDER")
    private Path folder = Path.of("");

    @Override
    public Integer call() throws IOException {
        CommandLine root = spec.root().commandLine();
        Files.createDirectories(folder.resolve("man1"));
        write(root);
        Files.writeString(
                folder.resolve("version.txt"),
                String.join("\n", root.getCommandSpec().version()) + "\n");
        Files.writeString(folder.resolve("tributary-completion"), AutoComplete.bash("tributary", root));
        return 0;
    }

    private void write(CommandLine command) throws IOException {
        CommandSpec of = command.getCommandSpec();
        String name = of.qualifiedName("-");
        Files.writeString(folder.resolve(name + ".txt"), command.getUsageMessage());
        Files.writeString(folder.resolve("man1").resolve(name + ".1"), page(name, command));
        for (CommandLine each : command.getSubcommands().values()) {
            if (!each.getCommandSpec().usageMessage().hidden()) {
                write(each);
            }
        }
    }

    private static String page(String name, CommandLine command) {
        List<String> words = List.of(command.getCommandSpec().usageMessage().description());
        String first = words.isEmpty() ? "" : words.get(0);
        int end = first.indexOf(". ");
        return ".TH %s 1\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n%s.fi\n"
                .formatted(
                        roff(name.toUpperCase(Locale.ROOT)),
                        roff(name),
                        roff(end < 0 ? first : first.substring(0, end)),
                        roff(command.getUsageMessage()));
    }

    /** Text in which nothing is taken for a request. */
    private static String roff(String text) {
        return text.replace("\\", "\\e").replace("-", "\\-").replaceAll("(?m)^([.'])", "\\\\&$1");
    }
}
