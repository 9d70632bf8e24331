/**
 * Counts, sums and other aggregates of the rows as of their offsets: deltas of the exact changelog, summed in each task
 * between barriers, joined, and grouped in one task an aggregate, whose result replaces its table.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.aggregate;
