/** Recorded traffic against what PostgreSQL had in the end: every value, whatever happens to the job on the way. */
@org.jspecify.annotations.NullMarked
package io.tributary.exact;
