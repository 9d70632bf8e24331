package io.tributary.decode;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is particular to the events of one kind of source database: the door for a further one. Providers are found by
 * {@link java.util.ServiceLoader}, and chosen by the connector that an event names.
 */
interface SourceDialect {
    /** The connectors whose events it knows, as {@code source.connector} names them. */
    List<String> connectors();

    /** The fields of {@code source} that tell an event's place, in the order of {@link SourcePlace#text}. */
    List<String> fields();

    /** Whether the source adds columns behind all others, so that a renamed one is known by its place. */
    boolean appendsColumns();

    /** Sets the place's numbers, where an event tells them by itself. */
    default void locate(SourcePlace place) {}

    /** Knows what is delivered again in one partition of a topic, where what came before is needed for that; null where it is not. */
    default @Nullable SourceOrder order() {
        return null;
    }
}
