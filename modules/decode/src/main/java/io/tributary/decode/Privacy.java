package io.tributary.decode;

/** What becomes of a column that must not be stored as it is. */
public enum Privacy {
    /** The column is left out. */
    DROP,
    /** HMAC-SHA-256 of the value's text under the pipeline's secret, in hexadecimal: equal values stay equal. */
    HASH,
    /** Every character but the last four as {@code *}; all of them in a value of eight or fewer. */
    MASK
}
