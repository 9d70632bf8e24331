package io.tributary.change;

import java.util.Map;

/**
 * How far a table of a sink comes.
 *
 * @param next the next offset that it lacks, by partition
 * @param topicIds of which topics it is, by name, where that is known
 */
public record Reached(Map<SourcePartition, Long> next, Map<String, String> topicIds) {}
