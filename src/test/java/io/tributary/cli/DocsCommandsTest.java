package io.tributary.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.Pure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command of ours that a page shows is one that there is, with options that it has. */
@Pure
final class DocsCommandsTest {
    private static final Path HOME = Path.of(System.getProperty("tributary.home", "."));
    /** In a block of its own, behind a prompt or variables, or within a line. */
    private static final Pattern COMMAND = Pattern.compile("(?<![\\w/])\\./tributary ([^`|>&;#\\n)]*)");

    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)");
    /** The rest of a line, or a place to be filled in. */
    private static final Pattern ELLIPSIS = Pattern.compile("…|\\.\\.\\.|^\\($");

    record Shown(String page, String command) {
        @Override
        public String toString() {
            return page + ": " + command;
        }
    }

    static List<Shown> shown() throws IOException {
        List<Shown> all = new ArrayList<>();
        try (Stream<Path> docs = Files.walk(HOME.resolve("docs"))) {
            for (Path page : Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md").map(HOME::resolve), docs)
                    .filter(file -> file.toString().endsWith(".md") && !file.endsWith("commands.md"))
                    .toList()) {
                Matcher command = COMMAND.matcher(Files.readString(page).replace("\\\n", " "));
                while (command.find()) {
                    String text = command.group(1).replaceAll("  +[^-].*$", "").strip();
                    if (!text.isEmpty() && Character.isLetter(text.charAt(0)) && !text.startsWith("COMMAND")) {
                        all.add(new Shown(HOME.relativize(page).toString(), text));
                    }
                }
            }
        }
        return all;
    }

    private static String[] words(String command) {
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(command);
        while (word.find()) {
            if (ELLIPSIS.matcher(word.group()).find()) {
                break;
            }
            for (int group = 1; group <= 3; group++) {
                if (word.group(group) != null) {
                    words.add(word.group(group));
                }
            }
        }
        return words.toArray(new String[0]);
    }

    @ParameterizedTest
    @MethodSource("shown")
    void aCommandThatAPageShowsIsOneOfOurs(Shown shown) {
        CommandLine line = Tributary.commandLine();
        String[] words = words(shown.command());
        try {
            assertThat(line.parseArgs(words).subcommand()).as("%s", shown).isNotNull();
        } catch (CommandLine.MissingParameterException e) {
            // a page may leave out what is to be filled in; what is there was known
            assertThat(e.getMissing()).as("%s", shown).isNotEmpty();
        }
    }
}
