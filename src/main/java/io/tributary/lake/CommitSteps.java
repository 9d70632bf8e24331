package io.tributary.lake;

import java.io.Serializable;

/** Is told of each step on the way of a checkpoint into the lake, in the thread that takes it: where tests let it fail. */
public interface CommitSteps extends Serializable {
    /** Nothing happens at any step. */
    CommitSteps NONE = (table, step) -> {};

    /** A step of one table's way; {@link #PUBLISHED} is of all. */
    enum Step {
        /** A writer has uploaded its files of a history, and maybe not those of the next. */
        UPLOADED,
        /** Nothing of the checkpoint is visible yet. */
        BEGUN,
        /** The files are at their places, and the log does not know them. */
        FILES_VISIBLE,
        /** The table has everything, and others may not. */
        LOGGED,
        /** All tables have everything, and Flink does not know it. */
        PUBLISHED
    }

    /** @param table its path below the lake */
    void reached(String table, Step step);
}
