/**
 * The vocabulary every room speaks: a change, its place, its table's schema, and the binary form of a row. Nothing here
 * knows Flink, Kafka or a file format.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.change;
