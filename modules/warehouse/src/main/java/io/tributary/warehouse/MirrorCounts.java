package io.tributary.warehouse;

import io.tributary.change.SourcePartition;
import io.tributary.change.TableName;
import io.tributary.sink.SinkCounts;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Map;

/** Counts the rows of mirrors that the pipeline has. */
final class MirrorCounts implements SinkCounts {
    private static final int PATIENCE_MILLIS = 10_000;

    private final WarehouseSettings settings;
    private final MirrorReader mirrors;

    MirrorCounts(WarehouseSettings settings) {
        this.settings = settings;
        this.mirrors = new MirrorReader(settings, PATIENCE_MILLIS);
    }

    @Override
    public Map<TableName, Map<SourcePartition, Long>> shown() {
        try {
            Map<TableName, Map<SourcePartition, Long>> shown = mirrors.ends();
            shown.keySet().removeIf(table -> !mirrors.wants(table));
            return shown;
        } catch (SQLException e) {
            throw settings.unreadable("the ledger", e);
        }
    }

    @Override
    public TableName nameOf(TableName table) {
        return mirrors.mirrorOf(table);
    }

    @Override
    public boolean has(TableName table) throws IOException {
        try {
            return mirrors.has(table);
        } catch (SQLException e) {
            throw failed(table, e);
        }
    }

    @Override
    public long count(TableName table) throws IOException {
        try {
            return mirrors.count(table);
        } catch (SQLException e) {
            throw failed(table, e);
        }
    }

    @Override
    public boolean isUpToDate(TableName table) throws IOException {
        try {
            return mirrors.isUpToDate(table);
        } catch (SQLException e) {
            throw failed(table, e);
        }
    }

    private IOException failed(TableName table, SQLException e) {
        if (e.getSQLState() != null && !e.getSQLState().startsWith("08")) {
            return new IOException(e.getMessage(), e);
        }
        throw settings.unreadable("the mirror of " + table, e);
    }

    @Override
    public void close() {
        mirrors.close();
    }
}
