/** Compares what the source holds with what the sinks hold, row for row. */
@org.jspecify.annotations.NullMarked
package io.tributary.audit;
