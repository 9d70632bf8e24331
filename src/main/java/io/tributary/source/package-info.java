/** Raw records from Kafka topics or from a recorded file: bytes and their place, nothing interpreted. */
@org.jspecify.annotations.NullMarked
package io.tributary.source;
