package io.tributary.decode;

import io.tributary.change.Event;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Gives the events of one partition of a topic numbers that rise, whatever the source's own positions look like. The same
 * records, read in the same order, have the same numbers.
 */
interface SourceOrder {
    /**
     * Takes the partition's next event, whose rows are read.
     *
     * @return false if it was there before: the connector has delivered it again
     */
    boolean place(Envelope envelope, Event event);

    /** Writes what it has to know after a restart. */
    void write(DataOutputStream out) throws IOException;

    /** Reads what {@link #write} wrote. */
    void read(DataInputStream in) throws IOException;
}
