package io.tributary.warehouse;

import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import io.tributary.sink.SinkRows;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** The rows of mirrors. */
record MirrorRows(WarehouseSettings settings, MirrorReader mirrors) implements SinkRows {
    @Override
    public boolean has(TableName table) {
        try {
            return mirrors.has(table);
        } catch (SQLException e) {
            throw settings.unreadable("the mirror of " + table, e);
        }
    }

    @Override
    public Map<String, ColumnType> columns(TableName table, Collection<String> names) {
        try {
            return mirrors.columns(table, names);
        } catch (SQLException e) {
            throw settings.unreadable("the mirror of " + table, e);
        }
    }

    @Override
    public void forEach(TableName table, List<String> columns, Each each) {
        try {
            mirrors.forEach(table, columns, row -> each.row(row, null));
        } catch (SQLException e) {
            throw settings.unreadable("the mirror of " + table, e);
        }
    }

    @Override
    public void close() {
        mirrors.close();
    }
}
