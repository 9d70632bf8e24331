/** The files that bring a database of one's own: a connector, a pipeline, and what only its administrator may do. */
@NullMarked
package io.tributary.init;

import org.jspecify.annotations.NullMarked;
