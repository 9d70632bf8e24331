/** What somebody else writes: it has nothing but what is public. */
@NullMarked
package com.example.map;

import org.jspecify.annotations.NullMarked;
