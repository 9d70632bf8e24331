/** Mirrors the tables of a source in a warehouse over JDBC, exactly once, without XA. */
@org.jspecify.annotations.NullMarked
package io.tributary.warehouse;
