package io.tributary.audit;

import io.tributary.warehouse.MirrorReader;
import java.sql.SQLException;
import java.util.Set;

/** The mirrors. */
record WarehouseSink(MirrorReader mirrors) implements Sink {
    @Override
    public String name() {
        return "mirror";
    }

    @Override
    public boolean has(SourceTable table) throws SQLException {
        return mirrors.has(table.name());
    }

    @Override
    public Set<String> columns(SourceTable table) throws SQLException {
        return mirrors.present(
                table.name(),
                table.columns().stream().map(SourceTable.SourceColumn::name).toList());
    }

    @Override
    public RowDigests read(SourceTable table) throws SQLException {
        return MirrorTable.read(mirrors, table);
    }
}
