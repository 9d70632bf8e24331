package io.tributary.exact;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The differences that are known, because a recording's stream does not carry what PostgreSQL holds: {@code captures/known.txt}, a
 * line each: capture, form, table, column, how many, and the reason. The column {@code *} stands for whole rows,
 * {@code !REJECTED:unsent} and the like for a counter of the account.
 */
final class Known {
    private Known() {}

    /** The capture's lines up to the count. */
    static List<String> lines(Capture capture) {
        List<String> lines = new ArrayList<>();
        try (InputStream in = Objects.requireNonNull(Known.class.getResourceAsStream("/captures/known.txt"));
                BufferedReader all = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = all.readLine(); line != null; line = all.readLine()) {
                if (!line.startsWith(capture + " ")) {
                    continue;
                }
                String[] words = line.split(" +", 6);
                if (words.length < 6) {
                    throw new IllegalStateException("known.txt: no reason: " + line);
                }
                lines.add(String.join(" ", List.of(words).subList(0, 5)));
            }
            return lines;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A name as one word. */
    static String name(String name) {
        return name.isEmpty() ? "-" : name.replace(' ', '~');
    }
}
