package io.tributary.decode;

import io.tributary.change.Column;
import io.tributary.change.TableName;
import io.tributary.change.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A table's schema with what decode needs to read its rows in one pass. */
final class RowLayout {
    /** Matches no event. */
    static final RowLayout NONE = new RowLayout("", new TableName("", ""), List.of(), List.of());

    final TableSchema schema;
    /** What the account calls the table. */
    final String label;

    final LayoutColumn[] columns;
    final int[] key;
    private final byte[] schemaName;
    private final byte[] tableName;
    private final Map<String, Integer> indexes = new HashMap<>();

    RowLayout(String topic, TableName table, List<LayoutColumn> columns, List<Integer> key) {
        this.columns = columns.toArray(LayoutColumn[]::new);
        this.key = key.stream().mapToInt(Integer::intValue).toArray();
        this.schema = new TableSchema(
                topic,
                table,
                columns.stream().map(c -> new Column(c.name(), c.type())).toList(),
                key);
        this.label = table.toString();
        this.schemaName = table.schema().getBytes(StandardCharsets.UTF_8);
        this.tableName = table.table().getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < this.columns.length; i++) {
            indexes.put(this.columns[i].name(), i);
        }
    }

    /** The index of the column, or -1. */
    int indexOf(String name) {
        return indexes.getOrDefault(name, -1);
    }

    List<LayoutColumn> columnList() {
        return List.of(columns);
    }

    /** Whether the event's source names this table; the ranges are of the event's bytes. */
    boolean isOf(byte[] bytes, SourceBlock source) {
        return this != NONE
                && Arrays.equals(
                        bytes,
                        source.schemaStart,
                        source.schemaStart + source.schemaLength,
                        schemaName,
                        0,
                        schemaName.length)
                && Arrays.equals(
                        bytes,
                        source.tableStart,
                        source.tableStart + source.tableLength,
                        tableName,
                        0,
                        tableName.length);
    }
}
