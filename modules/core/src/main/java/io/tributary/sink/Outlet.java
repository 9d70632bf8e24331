package io.tributary.sink;

import org.apache.flink.api.connector.sink2.Sink;

/**
 * A Flink sink and what it takes.
 *
 * @param name that metrics and savepoints know it by: it never changes
 */
public record Outlet<T>(String name, Feed<T> feed, Sink<T> sink) {}
