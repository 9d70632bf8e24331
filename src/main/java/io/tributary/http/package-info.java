/** What this program serves over HTTP is read only, and to nobody that was not asked for. */
@NullMarked
package io.tributary.http;

import org.jspecify.annotations.NullMarked;
