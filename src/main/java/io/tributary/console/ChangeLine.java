package io.tributary.console;

import io.tributary.change.Change;

/** A change as one line of text. */
interface ChangeLine {
    String of(Change change);
}
