package io.tributary.changelog;

import java.io.Serializable;

/**
 * A column that the pipeline file names.
 *
 * @param setting that names it, as messages have it
 * @param isMade whether it may be one that is computed, as it is asked of the rows that sinks have
 */
public record NamedColumn(String name, String setting, boolean isMade) implements Serializable {}
