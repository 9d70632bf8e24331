package io.tributary.console;

import io.tributary.change.Change;

/** A line whose operation and table have the operation's colour. */
record ColouredLine(ChangeLine line) implements ChangeLine {
    private static final String PLAIN = "\u001b[0m";

    @Override
    public String of(Change change) {
        String text = line.of(change);
        int table = text.indexOf(' ', 2);
        int end = table < 0 ? text.length() : table;
        return colour(change) + text.substring(0, end) + PLAIN + text.substring(end);
    }

    private static String colour(Change change) {
        return switch (change.operation) {
            case CREATE -> "\u001b[32m"; // green
            case UPDATE -> "\u001b[33m"; // yellow
            case DELETE, TRUNCATE -> "\u001b[31m"; // red
            case READ -> "\u001b[36m"; // cyan
        };
    }
}
