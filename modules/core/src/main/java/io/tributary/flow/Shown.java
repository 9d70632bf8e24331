package io.tributary.flow;

import java.net.ConnectException;
import java.util.Locale;

/** Sizes and errors, for people. */
public final class Shown {
    private static final long KIB = 1024;

    private Shown() {}

    public static String bytes(long bytes) {
        if (bytes < KIB * KIB) {
            return bytes / KIB + " KiB";
        }
        return bytes < KIB * KIB * KIB
                ? bytes / (KIB * KIB) + " MiB"
                : String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (KIB * KIB * KIB));
    }

    /** The first line of what an error says. */
    public static String message(Throwable error) {
        if (error instanceof ConnectException) {
            return "connection refused"; // Java's client says nothing at all
        }
        String text = error.getMessage() == null ? error.toString() : error.getMessage();
        return text.lines().findFirst().orElse(text);
    }
}
