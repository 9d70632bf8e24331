/** Wires the rooms: {@link io.tributary.Pipeline} reads like the diagram in the README. */
@org.jspecify.annotations.NullMarked
package io.tributary;
