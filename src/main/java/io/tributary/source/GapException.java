package io.tributary.source;

import java.io.IOException;

/** The source cannot go on where the job has come to, and must not go on elsewhere in silence. */
final class GapException extends IOException {
    GapException(String message) {
        super(message);
    }
}
