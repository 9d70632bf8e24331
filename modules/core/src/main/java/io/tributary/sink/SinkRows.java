package io.tributary.sink;

import io.tributary.change.ColumnType;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.flow.UnreachableException;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads what a sink has of tables. All of it throws {@link UnreachableException} where nobody answers. */
public interface SinkRows extends AutoCloseable {
    /**
     * What a row of a history is.
     *
     * @param operation as {@link io.tributary.change.Operation#code} has it
     */
    record Version(SourcePartition partition, long offset, char operation) {}

    /** Takes rows. */
    @FunctionalInterface
    interface Each {
        /**
         * Takes one.
         *
         * @param values by the columns' names in the source: Boolean, a number, BigDecimal, byte[] or text. A date is days since 1970, a timestamp
         *     microseconds, as a number or as its text; bytes may be hexadecimal text. It may be used again for the next row.
         * @param version null of a row as it is now
         */
        void row(Map<String, @Nullable Object> values, @Nullable Version version);
    }

    boolean has(TableName table) throws IOException;

    /** Those of the source's columns that it has, by their names in the source, with the types that they have there. */
    Map<String, ColumnType> columns(TableName table, Collection<String> names) throws IOException;

    /** Gives all rows, in no order. */
    void forEach(TableName table, List<String> columns, Each each) throws IOException;

    @Override
    default void close() {}
}
