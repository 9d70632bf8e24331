/** The changelog on standard output: for the eye, or as JSON lines for a program. */
@org.jspecify.annotations.NullMarked
package io.tributary.console;
