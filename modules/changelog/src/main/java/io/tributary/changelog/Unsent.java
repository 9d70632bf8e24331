package io.tributary.changelog;

/** What becomes of a change that leaves an unchanged value out which is not known here. */
public enum Unsent {
    /** It is a dead letter, and the row stays as it was until the value is sent. */
    REJECT,
    /** The value is null, and counted. */
    NULL
}
