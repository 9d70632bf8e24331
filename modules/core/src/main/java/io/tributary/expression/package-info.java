/** Conditions and values over the columns of a row, in CEL, the Common Expression Language: all that knows that library is here. */
@org.jspecify.annotations.NullMarked
package io.tributary.expression;
