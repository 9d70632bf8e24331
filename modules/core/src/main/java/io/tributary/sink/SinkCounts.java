package io.tributary.sink;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.UnreachableException;
import java.io.IOException;
import java.util.Map;

/**
 * How many rows a sink has of tables that it has as the source has them. All of it throws {@link UnreachableException} where nobody
 * answers, and {@link IOException} where a table cannot be counted.
 */
public interface SinkCounts extends AutoCloseable {
    /** How far readers see each table: the next offset of each source partition. */
    Map<TableName, Map<SourcePartition, Long>> shown();

    /** What the table is called there. */
    TableName nameOf(TableName table);

    boolean has(TableName table) throws IOException;

    long count(TableName table) throws IOException;

    /** Whether readers see all that was brought there. */
    boolean isUpToDate(TableName table) throws IOException;

    @Override
    void close();
}
