/**
 * The live numbers: what a task measures of the changelog's changes, summed in one operator, shown at once where they are a
 * rate and with each checkpoint where they are a total.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.metrics;
