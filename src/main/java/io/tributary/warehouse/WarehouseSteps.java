package io.tributary.warehouse;

import java.io.Serializable;

/** Is told of each step on the way of a checkpoint into the warehouse, in the thread that takes it: where tests let it fail. */
public interface WarehouseSteps extends Serializable {
    /** Nothing happens at any step. */
    WarehouseSteps NONE = (mirror, step) -> {};

    /** A step of one mirror's way; {@link #COMMITTED} is of all. */
    enum Step {
        /** A chunk of rows is in the staging table. */
        LOADED,
        /** A writer has all of a checkpoint's rows in the staging tables. */
        STAGED,
        /** The transaction holds the mirror's row of the ledger. */
        LOCKED,
        /** The mirror has the rows, within the transaction. */
        APPLIED,
        /** The transaction is committed, and those of other mirrors may not be. */
        LEDGERED,
        /** All mirrors have everything, and Flink does not know it. */
        COMMITTED
    }

    /** @param mirror its name, or empty */
    void reached(String mirror, Step step);
}
