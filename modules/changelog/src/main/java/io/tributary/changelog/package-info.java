/**
 * Holds the rows, so that what leaves it is exact: nothing twice, nothing left out, every before-image true. {@link
 * io.tributary.changelog.Changelog} is the pure core, one bucket at a time.
 */
@org.jspecify.annotations.NullMarked
package io.tributary.changelog;
