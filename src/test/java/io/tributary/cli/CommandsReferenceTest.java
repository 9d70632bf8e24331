package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The page of the docs that has each command is made from what {@code --help} says. */
@Pure
final class CommandsReferenceTest {
    private static final String WRITE = "commands.write";
    private static final Path FILE =
            Path.of(System.getProperty("tributary.home", "."), "docs", "reference", "commands.md");
    /** Of every command. */
    private static final List<String> COMMON = List.of("--help", "--version", "--log-level");

    @Test
    void theReferenceHasThemAll() throws Exception {
        StringBuilder page = new StringBuilder("""
                # Commands

                Made from `./tributary COMMAND --help` by `CommandsReferenceTest`; do not edit.

                | exit code | means |
                | --- | --- |
                | 0 | all is well |
                | 1 | the answer is no: a check found something wrong, an audit found a difference |
                | 2 | wrong use or configuration; one line names the setting, the value and what is allowed |
                | 3 | an outside system could not be reached |

                Commands find what runs on this machine (a demo, or `up`) by themselves. `TRIBUTARY_DEMO` names its folder if there are several.
                Every command takes `--help`, `--version` and `--log-level`. `source <(./tributary completion)` completes commands in bash and zsh.
                """);
        add(Tributary.commandLine(), "", page);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(FILE, page);
        }
        assertThat(FILE)
                .as("written by: mvn test -Dtest=CommandsReferenceTest -D%s=true", WRITE)
                .hasContent(page.toString());
    }

    private static void add(CommandLine line, String path, StringBuilder page) {
        line.getSubcommands().forEach((name, command) -> {
            CommandSpec spec = command.getCommandSpec();
            if (spec.usageMessage().hidden() || name.equals("help") || name.equals("completion")) {
                return;
            }
            String whole = path + name;
            if (command.getSubcommands().isEmpty()) {
                page(whole, spec, page);
            }
            add(command, whole + " ", page);
        });
    }

    private static void page(String name, CommandSpec spec, StringBuilder page) {
        StringBuilder synopsis = new StringBuilder("./tributary ").append(name);
        for (ArgSpec parameter : spec.positionalParameters()) {
            boolean isOptional = parameter.arity().min() == 0;
            synopsis.append(isOptional ? " [" : " ")
                    .append(parameter.paramLabel())
                    .append(isOptional ? "]" : "");
        }
        List<OptionSpec> options = spec.options().stream()
                .filter(option -> !option.hidden() && !COMMON.contains(option.longestName()))
                .toList();
        page.append("%n## `%s`%n%n%s%n%n```%n%s%s%n```%n"
                .formatted(
                        name,
                        text(spec.usageMessage().description()),
                        synopsis,
                        options.isEmpty() ? "" : " [OPTIONS]"));
        if (options.isEmpty() && spec.positionalParameters().isEmpty()) {
            return;
        }
        page.append("\n| | |\n| --- | --- |\n");
        spec.positionalParameters()
                .forEach(each -> page.append("| `%s` | %s |%n".formatted(each.paramLabel(), description(each))));
        options.forEach(option -> page.append("| `%s%s` | %s |%n"
                .formatted(
                        String.join("`, `", option.names()),
                        option.arity().max() == 0
                                ? ""
                                : " " + option.paramLabel().replace("|", "\\|"),
                        description(option))));
    }

    private static String description(ArgSpec argument) {
        return text(argument.description())
                .replace("${DEFAULT-VALUE}", String.valueOf(argument.defaultValue()))
                .replace("|", "\\|");
    }

    private static String text(String[] lines) {
        return String.join(" ", Arrays.asList(lines));
    }
}
