/** The pipeline file: read, checked against its schema, and turned into records that each room takes its part of. */
@org.jspecify.annotations.NullMarked
package io.tributary.config;
