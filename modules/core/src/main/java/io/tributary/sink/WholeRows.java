package io.tributary.sink;

import java.time.Duration;
import java.util.Map;

/**
 * Which rows a sink takes as a whole.
 *
 * @param every how often, at the first checkpoint after it
 * @param tables whether a table's rows are taken, of tables for which the file says it; those of others are
 */
public record WholeRows(Duration every, Map<String, Boolean> tables) {}
