package io.tributary.doctor;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;

/**
 * What a check has found.
 *
 * @param what in one line
 * @param remedy what to do about it, a command or a statement where there is one; empty if all is well
 * @param fix does it, if that is safe
 * @param after what is still to be done when that is done; empty if nothing is
 */
public record Finding(
        Component component,
        Level level,
        String what,
        String remedy,
        @JsonIgnore @Nullable Fix fix,
        String after) {
    /** What is looked at. */
    public enum Component {
        POSTGRES,
        KAFKA,
        DEBEZIUM,
        FLINK,
        LAKE,
        WAREHOUSE,
        METRICS
    }

    /** How bad it is. */
    public enum Level {
        OK,
        /** Works, and may not for long. */
        WARNING,
        WRONG
    }

    /** A remedy that loses nothing and can be taken twice. */
    @FunctionalInterface
    public interface Fix {
        void apply() throws Exception;
    }
}
