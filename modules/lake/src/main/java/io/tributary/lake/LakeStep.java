package io.tributary.lake;

/** A step on the way of a checkpoint into the lake: of one table, but for {@link #PUBLISHED}. */
enum LakeStep {
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
