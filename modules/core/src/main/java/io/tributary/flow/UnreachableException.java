package io.tributary.flow;

/** An outside system cannot be reached or used; the message is one line that names it and the setting that led there. */
public final class UnreachableException extends RuntimeException {
    public UnreachableException(String message) {
        super(message);
    }
}
