package io.tributary.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A run of an outside program: its output is kept, and a failure is one {@link IOException} that names it and ends with its last lines. */
final class Tool {
    private static final int LAST_LINES = 5;

    private final String name;
    private final List<String> command;
    private final Duration patience;

    private Tool(String name, List<String> command, Duration patience) {
        this.name = name;
        this.command = command;
        this.patience = patience;
    }

    static Tool of(String name, List<String> command, Duration patience) {
        return new Tool(name, List.copyOf(command), patience);
    }

    static Tool of(String... command) {
        return of(command[0], List.of(command), Duration.ofSeconds(30));
    }

    /**
     * Runs it to its end.
     *
     * @return what it wrote to both outputs, trimmed
     * @throws IOException if it cannot be started, takes too long or ends with another code than 0
     */
    String run() throws IOException {
        // A file and not a pipe: a server it leaves behind would keep the pipe open.
        Path output = Files.createTempFile("tributary-", ".out");
        try {
            ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            // one may not be allowed to stand in the caller's directory after giving up root
            builder.directory(Path.of("/").toFile());
            builder.environment().put("LC_ALL", "C");
            builder.environment().put("TZ", "UTC");
            Process process = builder.start();
            if (!await(process)) {
                throw new IOException(name + " did not end in " + patience.toSeconds() + " s" + lastLines(output));
            }
            if (process.exitValue() != 0) {
                throw new IOException(name + " failed with " + process.exitValue() + lastLines(output));
            }
            return Files.readString(output, StandardCharsets.UTF_8).strip();
        } finally {
            Files.deleteIfExists(output);
        }
    }

    private boolean await(Process process) throws InterruptedIOException {
        try {
            boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended) {
                process.destroyForcibly();
            }
            return ended;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + name);
        }
    }

    private static String lastLines(Path output) throws IOException {
        return lastLines(Files.readString(output, StandardCharsets.UTF_8));
    }

    /** The last lines of a text, ready to follow a message: empty, or {@code ": "} and the lines. */
    static String lastLines(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        List<String> last = lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size());
        return last.isEmpty() ? "" : ": " + String.join("\n  ", last);
    }
}
