/** The dead letters as a Kafka topic, beside the lake's {@code rejected}: at least once, keyed by their place. */
@org.jspecify.annotations.NullMarked
package io.tributary.deadletter;
