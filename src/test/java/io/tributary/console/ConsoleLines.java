package io.tributary.console;

import io.tributary.change.Change;

/** The console's lines, for tests of other packages. */
public final class ConsoleLines {
    private static final ChangeLine TEXT = new TextLine();
    private static final ChangeLine JSON = new JsonLine();

    private ConsoleLines() {}

    public static String text(Change change) {
        return TEXT.of(change);
    }

    public static String json(Change change) {
        return JSON.of(change);
    }
}
