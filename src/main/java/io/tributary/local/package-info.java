/**
 * The embedded stack: PostgreSQL as a child process, Kafka and Kafka Connect with Debezium in this process, and a generator of changes.
 * Nothing else in Tributary depends on it, and none of it is in the job jar.
 */
@NullMarked
package io.tributary.local;

import org.jspecify.annotations.NullMarked;
