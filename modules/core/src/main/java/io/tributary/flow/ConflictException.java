package io.tributary.flow;

import java.io.IOException;

/** A sink can write nothing that would be right: it stays so however often it is tried. */
public abstract class ConflictException extends IOException {
    protected ConflictException(String message) {
        super(message);
    }
}
