package io.tributary.change;

/** What becomes of a table of a sink whose source gets other columns. A table that is not there yet gets all it needs. */
public enum SchemaChanges {
    /** The table gets what it lacks. */
    EVOLVE,
    /** Columns that the table has not are left out. A type is widened all the same: no value of a column is lost. */
    IGNORE,
    /** A column or a type that the table has not ends the job. */
    FAIL
}
