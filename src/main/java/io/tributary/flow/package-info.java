/** What travels between operators: the stream's types and serializers, and how tables and keys are dealt to buckets. */
@org.jspecify.annotations.NullMarked
package io.tributary.flow;
