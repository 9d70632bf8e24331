package io.tributary.decode;

/** What a record turned out to be. */
public enum Outcome {
    /** A change of a row, or a truncate. */
    CHANGE,
    /** A change that was there before: the connector has delivered it again. */
    REPEATED,
    /** No row, and nothing wrong: see {@link Decoder#ignored()}. */
    IGNORED,
    /** It cannot be used: see {@link Decoder#reason()} and {@link Decoder#detail()}. */
    REJECTED
}
