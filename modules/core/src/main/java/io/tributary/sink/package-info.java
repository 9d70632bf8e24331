/** The door of sinks: what a kind of sink is, as the job, its start and its commands see it. */
@org.jspecify.annotations.NullMarked
package io.tributary.sink;
