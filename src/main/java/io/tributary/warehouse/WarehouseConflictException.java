package io.tributary.warehouse;

import io.tributary.flow.ConflictException;

/** Nothing that is right can be written: it stays so however often it is tried. */
final class WarehouseConflictException extends ConflictException {
    WarehouseConflictException(String message) {
        super(message);
    }
}
