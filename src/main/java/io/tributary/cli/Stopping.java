package io.tributary.cli;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Closes things once, the last opened first: at the end of a block, or at Ctrl-C, whichever comes first. */
final class Stopping implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Thread hook = new Thread(this::onSignal, "stop");
    private volatile boolean signalled;

    private final String how;

    private final Consumer<String> out;

    private Stopping(String how, Consumer<String> out) {
        this.how = how;
        this.out = out;
    }

    /** @param how it stops, for whoever pressed Ctrl-C */
    static Stopping of(AutoCloseable first, String how) {
        return of(first, how, line -> System.out.println("tributary: " + line));
    }

    /** The same, told elsewhere. */
    static Stopping of(AutoCloseable first, String how, Consumer<String> out) {
        Stopping stopping = new Stopping(how, out);
        stopping.open.push(first);
        Runtime.getRuntime().addShutdownHook(stopping.hook);
        return stopping;
    }

    /** Adds what is to be closed ahead of all that is here. */
    synchronized void first(AutoCloseable closeable) {
        open.push(closeable);
    }

    /** Whether Ctrl-C is closing what is open: then what uses it fails, and means nothing. */
    boolean isSignalled() {
        return signalled;
    }

    private void onSignal() {
        signalled = true;
        out.accept("stopping; " + how);
        closeAll();
        out.accept("stopped");
        org.apache.logging.log4j.LogManager.shutdown();
    }

    @SuppressWarnings("CatchingUnchecked")
    private synchronized void closeAll() {
        while (!open.isEmpty()) {
            AutoCloseable next = open.pop();
            try {
                next.close();
            } catch (Exception e) {
                System.err.println("tributary: cannot stop " + next.getClass().getSimpleName() + ": " + e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        closeAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the hook runs already, and finds nothing left
            return;
        }
    }
}
