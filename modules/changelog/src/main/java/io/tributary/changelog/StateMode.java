package io.tributary.changelog;

/** How much of a row the changelog keeps. */
public enum StateMode {
    /** All of it: what it takes to fill unchanged values and rows before. */
    ROWS,
    /** That it is there, and its place in the source: no row before a change is known, and no unchanged value. */
    KEYS
}
