package io.tributary.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The demo's ports: those of the stack, PostgreSQL's and the page's. */
final class DemoPorts extends StackPorts {
    @Option(
            names = "--postgres-port",
            paramLabel = "PORT",
            description = "PostgreSQL (default: from 5432 the next free)")
    private @Nullable Integer postgres;

    @Option(names = "--page-port", paramLabel = "PORT", description = "the page (default: from 8080 the next free)")
    private @Nullable Integer page;

    @Override
    int postgres() {
        return pick(postgres, "--postgres-port", 5432);
    }

    /** After {@link #plan()}. */
    int page() {
        return pick(page, "--page-port", 8080);
    }
}
