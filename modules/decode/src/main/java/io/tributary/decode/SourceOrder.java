package io.tributary.decode;

import io.tributary.change.Event;
import io.tributary.change.RawRecord;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;

/**
 * Knows the events of one source in one partition of a topic: which of them a connector delivers again. It may also give them numbers
 * that rise. The same records, read in the same order, are told alike.
 */
interface SourceOrder {
    /**
     * Takes the partition's next event, whose rows are read.
     *
     * @param headers of its record
     * @return false if it was there before: the connector has delivered it again
     */
    boolean isNew(SourcePlace place, RawRecord.Headers headers, Event event);

    /** Writes what it has to know after a restart. */
    void write(DataOutputStream out) throws IOException;

    /** Reads what {@link #write} wrote. */
    void read(DataInputStream in) throws IOException;
}
