package io.tributary.decode;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Where an event is in its source: the fields that dialects ask for, as ranges of the record's value, and what a dialect makes of them. Reused. */
final class SourcePlace {
    /** By a field's index among all that any dialect asks for: the range of its content, and -1 where there is none. */
    final int[] starts;

    final int[] lengths;
    /** Where the dialect's own fields are among all. */
    int[] indexes = {};

    byte[] value = {};
    /** Whether a snapshot read the row, rather than the log. */
    boolean snapshot;

    /** A place of two numbers that rise, as {@link io.tributary.change.Event} has them; -1 where there is none. */
    long sequenceCommit;

    long sequenceEvent;

    /** @param fields how many are asked for */
    SourcePlace(int fields) {
        starts = new int[fields];
        lengths = new int[fields];
    }

    /** Where the content of one of the dialect's fields begins; -1 where it is not, or is null. */
    int start(int field) {
        return starts[indexes[field]];
    }

    int length(int field) {
        return lengths[indexes[field]];
    }

    /** The content of one of the dialect's fields; empty where it is not, or is null. */
    String text(int field) {
        int start = start(field);
        return start < 0 ? "" : new String(value, start, length(field), StandardCharsets.UTF_8);
    }

    void clear() {
        Arrays.fill(starts, -1);
        snapshot = false;
        sequenceCommit = -1;
        sequenceEvent = -1;
    }
}
