package io.tributary.local;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * The running server of a data folder. It is stopped by the signals that {@code pg_ctl stop} sends, for two reasons: pg_ctl sends them to
 * whoever has the recorded process id by now, and it may not signal a server that another {@link RootStrategy} started.
 */
final class Postmaster {
    private static final String PID_FILE = "postmaster.pid";
    private static final Duration FAST = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final Duration IMMEDIATE = Duration.ofSeconds(10);

    private final ProcessHandle process;

    private Postmaster(ProcessHandle process) {
        this.process = process;
    }

    /** The server that lives in this data folder; empty if none does, even where a killed one left its file. */
    static Optional<Postmaster> of(Path data) throws IOException {
        Path file = data.resolve(PID_FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String pid = Files.readString(file).lines().findFirst().orElse("").strip();
        return pid.matches("[0-9]{1,9}")
                ? ProcessHandle.of(Long.parseLong(pid))
                        .filter(Postmaster::isServer)
                        .map(Postmaster::new)
                : Optional.empty();
    }

    /** Whether a server was here and did not stop in order. */
    static boolean leftTraces(Path data) {
        return Files.exists(data.resolve(PID_FILE));
    }

    /** Forgets a server that is no more: PostgreSQL would take another process with its id for it. */
    static void clearTraces(Path data) throws IOException {
        Files.deleteIfExists(data.resolve(PID_FILE));
    }

    /** Not another program that got the process id meanwhile; a dead process nobody has waited for has no command line any more. */
    private static boolean isServer(ProcessHandle process) {
        return process.isAlive()
                && process.info()
                        .commandLine()
                        .map(line -> line.contains("bin/postgres"))
                        .orElse(false);
    }

    long pid() {
        return process.pid();
    }

    /** Stops it: fast (clients are cut off, data is flushed), and if that takes too long immediately (recovery at the next start). */
    void stop() throws IOException {
        signal("INT");
        if (!ended(FAST)) {
            signal("QUIT");
            if (!ended(IMMEDIATE)) {
                throw new IOException("postgres (process " + pid() + ") does not stop");
            }
        }
    }

    /** Kills it as a power cut would. */
    void kill() throws IOException {
        signal("KILL");
        ended(IMMEDIATE);
    }

    private void signal(String name) throws IOException {
        try {
            // the shell's own kill: small images have no program of that name
            Tool.of("sh", "-c", "kill -" + name + " " + pid()).run();
        } catch (IOException e) {
            if (isServer(process)) {
                throw e;
            }
        }
    }

    private boolean ended(Duration patience) throws InterruptedIOException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (isServer(process)) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Pause.of(POLL);
        }
        return true;
    }
}
