/**
 * The history of every table as Parquet under a Delta log, exactly once: files are invisible until the checkpoint that
 * covers them is complete, one commit a table publishes them, and with them goes the fence of source offsets.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.lake;
