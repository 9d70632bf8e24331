package io.tributary.change;

import java.io.Serializable;

/** How the tables of a sink are kept. */
public record TableOptions(ByTable<SchemaChanges> changes, ByTable<TableFormat> formats) implements Serializable {
    /** Delta tables that get what they lack. */
    public static final TableOptions DEFAULT =
            new TableOptions(ByTable.all(SchemaChanges.EVOLVE), ByTable.all(TableFormat.DELTA));
}
