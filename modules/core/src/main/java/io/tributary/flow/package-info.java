/**
 * What travels between operators: the stream's types and serializers, and how tables and keys are dealt to buckets; and how
 * sinks wait for what they write to, and commit several tables at a time.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.flow;
