/** Kafka Connect from outside: its connectors, and what has become of them. */
@org.jspecify.annotations.NullMarked
package io.tributary.connect;
