package io.tributary.warehouse;

import io.tributary.flow.ConflictException;

/** Nothing that is right can be written: it stays so however often it is tried. */
final class WarehouseConflictException extends ConflictException {
    /** Whom it stops. */
    private enum Of {
        ALL,
        /** All others go on, and its rows wait for it to be mended. */
        ONE_MIRROR,
        /** All others go on. What it had is nowhere but in the topic. */
        LOST_MIRROR
    }

    private final Of of;

    WarehouseConflictException(String message) {
        this(message, Of.ALL);
    }

    private WarehouseConflictException(String message, Of of) {
        super(message);
        this.of = of;
    }

    static WarehouseConflictException ofOneMirror(String message) {
        return new WarehouseConflictException(message, Of.ONE_MIRROR);
    }

    static WarehouseConflictException ofLostMirror(String message) {
        return new WarehouseConflictException(message, Of.LOST_MIRROR);
    }

    boolean isOfOneMirror() {
        return of != Of.ALL;
    }

    boolean isLost() {
        return of == Of.LOST_MIRROR;
    }
}
