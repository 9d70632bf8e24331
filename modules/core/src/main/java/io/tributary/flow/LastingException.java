package io.tributary.flow;

/** What a sink was asked for failed several times for a reason that no waiting mends: of one table, and not of all others. */
public final class LastingException extends ConflictException {
    /** @param reason in a line, for who is to mend it */
    public LastingException(String reason, Exception cause) {
        super(reason);
        initCause(cause);
    }
}
