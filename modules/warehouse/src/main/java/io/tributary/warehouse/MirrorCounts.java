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
        Map<TableName, Map<SourcePartition, Long>> shown = settings.read("the ledger", mirrors::ends);
        shown.keySet().removeIf(table -> !mirrors.wants(table));
        return shown;
    }

    @Override
    public TableName nameOf(TableName table) {
        return mirrors.mirrorOf(table);
    }

    @Override
    public boolean has(TableName table) throws IOException {
        return read(table, () -> mirrors.has(table));
    }

    @Override
    public long count(TableName table) throws IOException {
        return read(table, () -> mirrors.count(table));
    }

    @Override
    public boolean isUpToDate(TableName table) throws IOException {
        return read(table, () -> mirrors.isUpToDate(table));
    }

    private <T> T read(TableName table, WarehouseSettings.Question<T> question) throws IOException {
        try {
            return question.ask();
        } catch (SQLException e) {
            if (e.getSQLState() != null && !e.getSQLState().startsWith("08")) {
                throw new IOException(e.getMessage(), e); // of this table alone
            }
            throw settings.unreadable("the mirror of " + table, e);
        }
    }

    @Override
    public void close() {
        mirrors.close();
    }
}
