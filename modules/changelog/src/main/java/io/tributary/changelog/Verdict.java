package io.tributary.changelog;

/** What the changelog decided of a change. */
public enum Verdict {
    /** It is true now, and went to the sinks. */
    APPLIED,
    /** It was applied before. */
    DUPLICATE,
    /** The source left out an unchanged value that is not known here: the row stays as it was. */
    UNSENT,
    /** The same of a change that another partition is ahead of: the row is further by now, and the history lacks the change. */
    LATE,
    /** Its key has another type than the rows', and theirs cannot be told in that: it would be a second row of one key. */
    KEY_TYPE,
    /** It is of another database or server than its table's rows are. */
    OTHER_SOURCE,
    /** It breaks a rule: the row stays as it was. */
    INVALID,
    /** What came before it has already done what it says: a truncate, the create that took the key, or a later delete. */
    SUPERSEDED,
    /** It is offered again before what came ahead of it has come once more. */
    TOO_EARLY,
    /** A tombstone of a row that is not there. */
    NOTHING
}
