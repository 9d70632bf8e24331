package io.tributary.warehouse;

/** What becomes of the row of a mirror whose source has deleted it. */
public enum Deletes {
    /** It goes. */
    HARD,
    /** It stays as it was last, and {@code cdc_deleted} is true. */
    SOFT
}
