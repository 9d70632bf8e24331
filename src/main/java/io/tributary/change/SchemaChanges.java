package io.tributary.change;

import java.io.Serializable;
import java.util.HashMap;

/** What becomes of a table of a sink whose source gets other columns. A table that is not there yet gets all it needs. */
public enum SchemaChanges {
    /** The table gets what it lacks. */
    EVOLVE,
    /** Columns that the table has not are left out. A type is widened all the same: no value of a column is lost. */
    IGNORE,
    /** A column or a type that the table has not ends the job. */
    FAIL;

    /**
     * What is done with each table's.
     *
     * @param others for the tables that are not named
     * @param byName by {@code schema.table}
     */
    public record ByTable(SchemaChanges others, HashMap<String, SchemaChanges> byName) implements Serializable {
        /** Every table gets what it lacks. */
        public static final ByTable EVOLVE = new ByTable(SchemaChanges.EVOLVE, new HashMap<>());

        public SchemaChanges of(TableName table) {
            return byName.getOrDefault(table.toString(), others);
        }
    }
}
