package io.tributary.doctor;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.tributary.sink.Examination;
import org.jspecify.annotations.Nullable;

/**
 * What a check has found.
 *
 * @param component {@code postgres}, {@code kafka}, {@code debezium}, {@code flink}, {@code metrics}, or the kind of a sink
 * @param what in one line
 * @param remedy what to do about it, a command or a statement where there is one; empty if all is well
 * @param fix does it, if that is safe
 * @param after what is still to be done when that is done; empty if nothing is
 */
public record Finding(
        String component,
        Level level,
        String what,
        String remedy,
        @JsonIgnore Examination.@Nullable Fix fix,
        String after) {
    /** How bad it is. */
    public enum Level {
        OK,
        /** Works, and may not for long. */
        WARNING,
        WRONG
    }
}
