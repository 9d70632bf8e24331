package io.tributary.lake;

import java.io.Serializable;

/** Is told of each step of a commit, in the committer's thread: where tests let it fail. */
interface CommitSteps extends Serializable {
    /** A step of the commit of one table. */
    enum Step {
        /** Nothing of the checkpoint is visible yet. */
        BEGUN,
        /** The files are at their places, and the log does not know them. */
        FILES_VISIBLE,
        /** The table has everything, and Flink does not know it. */
        LOGGED
    }

    void reached(String table, Step step);
}
