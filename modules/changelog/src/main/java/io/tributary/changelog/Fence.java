package io.tributary.changelog;

import io.tributary.change.Event;

/** How far a source partition has come. */
final class Fence {
    /** A position of 48 bits, as PostgreSQL's are, can be added to it. */
    private static final long MOST_SHIFT = 1L << 62;

    /** The newest event, in the source's own order. */
    long commit = -1;

    long event = -1;
    /** Counts the snapshots; a row has that of the snapshot or stream which it was last seen in. */
    int generation;
    /** Whether a snapshot is going on. */
    boolean snapshot;
    /** Whether there were rows when it began. */
    boolean rowsBefore;

    boolean repeating;

    /** The offset of the newest change that came here, and of the newest that took a row away. */
    long newest = -1;

    long newestRemoval = -1;
    /** The highest offset of a delete that was offered again. */
    long removedAgain = -1;

    /** The newest time of an event that has a place; 0 if none is known. */
    long newestMillis;
    /** The newest time at which a record was written that brought a new one of those; 0 if none is known. */
    long writtenMillis;
    /** What is added to the source's positions since they began anew, lower than they had been. */
    long shift;

    /**
     * Whether an event that is placed where or before others are was written after all of them: then it is not delivered again, but the source, restored or
     * another server, counts anew.
     */
    boolean isAnew(Event event) {
        return newestMillis > 0
                && event.sourceMillis > newestMillis
                && compare(event.sequenceCommit, event.sequenceEvent) <= 0;
    }

    /** From here on positions are behind all that were. */
    void beginAnew(Event event) {
        long least =
                event.sequenceCommit > 0 ? Math.min(event.sequenceCommit, event.sequenceEvent) : event.sequenceEvent;
        long more = Math.max(commit, this.event) - least + 1;
        shift += more;
        move(event, shift > MOST_SHIFT ? shift : more);
    }

    /** Brings a change's position to where this fence has it; none where servers took turns until no number is left. */
    static void move(Event event, long by) {
        if (by > MOST_SHIFT) {
            event.sequenceCommit = Changelog.NO_SEQUENCE;
            event.sequenceEvent = Changelog.NO_SEQUENCE;
        } else if (by != 0) {
            event.sequenceCommit += event.sequenceCommit > 0 ? by : 0;
            event.sequenceEvent += by;
        }
    }

    /** Negative: the event was there before; zero: it is of the newest place; positive: it is new. */
    int compare(long eventCommit, long eventEvent) {
        return compare(commit, event, eventCommit, eventEvent);
    }

    static int compare(long commit, long event, long eventCommit, long eventEvent) {
        if (eventCommit == 0 && commit > 0) {
            // of a connector's first transaction, which knows no commit before it: this connector's, or that of a
            // new one
            return eventEvent < commit ? -1 : 1;
        }
        return commit != eventCommit ? Long.compare(eventCommit, commit) : Long.compare(eventEvent, event);
    }

    /** Whether older events came since the newest: then events of its place are repeated with them. */
    boolean isRepeated() {
        return repeating;
    }

    void repeats(boolean older) {
        repeating |= older;
    }
}
