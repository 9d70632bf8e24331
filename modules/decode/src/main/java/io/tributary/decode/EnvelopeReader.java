package io.tributary.decode;

import java.nio.charset.StandardCharsets;

/**
 * Reads values in one encoding. An instance belongs to one decoder, has the record that it read last, and is not
 * thread-safe. What cannot be read is a {@link DecodeException}.
 */
interface EnvelopeReader {
    /** From here on records are of this topic. */
    default void topic(Topic topic) {}

    /**
     * Reads a value into the envelope, which has its record and topic: what the envelope's fields say, and which schema it
     * has. It may read the row after as well, on the guess that it has the schema's newest layout.
     *
     * @return false if the value is null
     */
    boolean read(Envelope envelope);

    /** Takes what the transform left of the source among the fields of a row without an envelope. */
    default void readFlat(Envelope envelope) {}

    /** Sets the names of schema and table, for the rare event that is of another table than the one before it. */
    default void readNames(Envelope envelope) {
        SourceBlock source = envelope.source;
        source.schema = new String(envelope.value, source.schemaStart, source.schemaLength, StandardCharsets.UTF_8);
        source.table = new String(envelope.value, source.tableStart, source.tableLength, StandardCharsets.UTF_8);
    }

    /** Writes the document at this place as a value of a column; asked where the source has documents. */
    default void readDocument(int at, LayoutColumn column, int place) {
        throw new DecodeException(Reason.FOREIGN, "cannot read documents in this encoding");
    }

    /** Where what begins at this place ends; asked where the source has documents. */
    default int endOf(int at) {
        throw new DecodeException(Reason.FOREIGN, "cannot read documents in this encoding");
    }

    /** The rows of the value that was read last. */
    RowFields rows();

    /** What reads keys in this encoding. */
    KeyReader keys();
}
