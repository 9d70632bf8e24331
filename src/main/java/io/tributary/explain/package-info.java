/** Tells what became of one key's events, by the rooms that the job itself is made of. */
@org.jspecify.annotations.NullMarked
package io.tributary.explain;
