package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import io.tributary.sink.SinkRows;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The rows of mirrors. */
record MirrorRows(WarehouseSettings settings, MirrorReader mirrors) implements SinkRows {
    @Override
    public boolean has(TableName table) {
        return read(table, () -> mirrors.has(table));
    }

    @Override
    public Map<String, ColumnType> columns(TableName table, Collection<String> names) {
        return read(table, () -> mirrors.columns(table, names));
    }

    @Override
    public void forEach(TableName table, List<String> columns, Each each) {
        read(table, () -> {
            mirrors.forEach(table, columns, row -> each.row(row, null));
            return true;
        });
    }

    private <T> T read(TableName table, WarehouseSettings.Question<T> question) {
        return settings.read("the mirror of " + table, question);
    }

    @Override
    public void close() {
        mirrors.close();
    }
}
