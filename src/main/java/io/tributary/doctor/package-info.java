/** Looks at every part from outside, and says what is wrong and how to mend it. */
@org.jspecify.annotations.NullMarked
package io.tributary.doctor;
