package io.tributary.decode;

/**
 * Reads values in one encoding. An instance belongs to one decoder, has the record that it read last, and is not
 * thread-safe. What cannot be read is a {@link DecodeException}.
 */
interface EnvelopeReader {
    /** From here on records are of this topic. */
    void topic(Topic topic);

    /**
     * Reads a value into the envelope, which has its record and topic: what the envelope's fields say, and which schema it
     * has. It may read the row after as well, on the guess that it has the schema's newest layout.
     *
     * @return false if the value is null
     */
    boolean read(Envelope envelope);

    /** Takes what the transform left of the source among the fields of a row without an envelope. */
    void readFlat(Envelope envelope);

    /** Sets the names of schema and table, for the rare event that is of another table than the one before it. */
    void readNames(Envelope envelope);

    /** Writes the document at this place as a value of a column. */
    void readDocument(int at, LayoutColumn column, int place);

    /** Where what begins at this place ends. */
    int endOf(int at);

    /** The rows of the value that was read last. */
    RowFields rows();

    /** What reads keys in this encoding. */
    KeyReader keys();
}
