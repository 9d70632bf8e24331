package io.tributary.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.Charset;
import java.util.List;
import java.util.Locale;

/** Asks whoever sits before the terminal; where nobody does, the answer is what Enter would say. */
final class Questions {
    private final boolean areAsked;
    private final BufferedReader in = new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset()));

    /** @param areAsked whether somebody is there to answer */
    Questions(boolean areAsked) {
        this.areAsked = areAsked;
    }

    /** Whether {@code ./tributary} was started from a terminal; it says so, since Java cannot tell before version 22. */
    static boolean isTerminal() {
        return Boolean.getBoolean("tributary.terminal");
    }

    String text(String question, String otherwise) throws IOException {
        String answer = ask("%s [%s]: ".formatted(question, otherwise.isEmpty() ? "none" : otherwise));
        return answer.isEmpty() ? otherwise : answer;
    }

    boolean yes(String question, boolean otherwise) throws IOException {
        while (true) {
            String answer =
                    ask(question + (otherwise ? " [Y/n]: " : " [y/N]: ")).toLowerCase(Locale.ROOT);
            if (answer.isEmpty() || List.of("y", "yes", "n", "no").contains(answer)) {
                return answer.isEmpty() ? otherwise : answer.startsWith("y");
            }
        }
    }

    private String ask(String prompt) throws IOException {
        if (!areAsked) {
            return "";
        }
        System.err.print(prompt);
        System.err.flush();
        String line = in.readLine();
        return line == null ? "" : line.strip();
    }
}
