package io.tributary.changelog;

/** What the changelog decided of a change. */
public enum Verdict {
    /** It is true now, and goes to the sinks. */
    APPLIED,
    /** It was applied before. */
    DUPLICATE,
    /** The source left out an unchanged value that is not known here: the row stays as it was. */
    UNSENT;

    /** The reason of the dead letter. */
    static final String UNSENT_REASON = "unsent";
}
