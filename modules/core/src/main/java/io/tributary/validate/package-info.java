/** The pipeline's rules for values, checked in the changelog on rows that are whole. */
@org.jspecify.annotations.NullMarked
package io.tributary.validate;
