package io.tributary.warehouse;

/** A step on the way of a checkpoint into the warehouse: of one mirror, but for {@link #COMMITTED}. */
enum WarehouseStep {
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
