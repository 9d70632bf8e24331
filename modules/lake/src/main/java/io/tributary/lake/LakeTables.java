package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.sink.SinkRows;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Rows by the names that their columns have in the source. */
record LakeTables(LakeReader reader) implements SinkRows {
    @Override
    public boolean has(TableName table) throws IOException {
        return reader.has(table);
    }

    @Override
    public Map<String, ColumnType> columns(TableName table, Collection<String> names) throws IOException {
        Map<String, ColumnType> columns = new HashMap<>();
        reader.columns(table).values().forEach(column -> {
            if (names.contains(column.name())) {
                columns.put(column.name(), column.type());
            }
        });
        return columns;
    }

    @Override
    public void forEach(TableName table, List<String> columns, Each each) throws IOException {
        Map<String, String> inLake = new HashMap<>();
        columns.forEach(name -> inLake.put(name, name)); // those of a table of our own are of no source
        reader.columns(table).forEach((name, column) -> inLake.replace(column.name(), name));
        Map<String, @Nullable Object> values = new HashMap<>();
        reader.forEach(table, row -> {
            inLake.forEach((name, here) -> values.put(name, row.get(here)));
            each.row(values, version(row));
        });
    }

    private static @Nullable Version version(Map<String, @Nullable Object> row) {
        if (!(row.get("_op") instanceof String operation)) {
            return null;
        }
        return new Version(
                new SourcePartition((String) Objects.requireNonNull(row.get("_topic"), "_topic"), (Integer)
                        Objects.requireNonNull(row.get("_partition"), "_partition")),
                (Long) Objects.requireNonNull(row.get("_offset"), "_offset"),
                operation.charAt(0));
    }
}
