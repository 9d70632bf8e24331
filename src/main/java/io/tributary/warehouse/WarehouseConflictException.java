package io.tributary.warehouse;

import java.io.IOException;

/** Nothing that is right can be written: it stays so however often it is tried. */
final class WarehouseConflictException extends IOException {
    WarehouseConflictException(String message) {
        super(message);
    }
}
