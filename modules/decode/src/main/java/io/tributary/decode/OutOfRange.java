package io.tributary.decode;

/** What becomes of a value that its column's type cannot hold exactly: NaN in a decimal, an infinite date. */
public enum OutOfRange {
    /** The column is held as text from then on, and so is every value. */
    TEXT,
    /** The value is null, and counted. */
    NULL,
    /** The record is a dead letter. */
    REJECT
}
