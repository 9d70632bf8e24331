/** The commands of {@code ./tributary}. */
@org.jspecify.annotations.NullMarked
package io.tributary.cli;
