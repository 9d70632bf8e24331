/**
 * Bytes to changes: one pass over an event, no tree, every value kept exactly or the event rejected with a reason. Pure
 * Java; {@link io.tributary.decode.DecodeOperator} is its thin Flink shell.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.decode;
