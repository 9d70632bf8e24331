package io.tributary.account;

import org.apache.flink.runtime.throwable.ThrowableAnnotation;
import org.apache.flink.runtime.throwable.ThrowableType;

/**
 * Too many records of a table were rejected; the message is one line that says how many and why. Ends the job for good: a
 * restart would read the same again.
 */
@ThrowableAnnotation(ThrowableType.NonRecoverableError)
final class BreakerException extends RuntimeException {
    BreakerException(String message) {
        super(message);
    }
}
