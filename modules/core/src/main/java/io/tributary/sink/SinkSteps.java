package io.tributary.sink;

import java.io.Serializable;

/** Is told of each step on the way of a checkpoint into a sink, in the thread that takes it: where tests let it fail. */
public interface SinkSteps extends Serializable {
    /** Nothing happens at any step. */
    SinkSteps NONE = (table, step) -> {};

    /**
     * A step is done. Tests throw an {@link Error} here, which no sink catches.
     *
     * @param table as the sink names it; empty where the step is of all tables
     * @param step of the sink's own
     */
    void reached(String table, Enum<?> step);
}
