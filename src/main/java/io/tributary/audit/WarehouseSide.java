package io.tributary.audit;

import io.tributary.warehouse.MirrorReader;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The mirrors. */
record WarehouseSide(MirrorReader mirrors) implements Side {
    @Override
    public String name() {
        return "mirror";
    }

    @Override
    public String exempt(SourceTable table) {
        return mirrors.wants(table.name()) ? "" : "the pipeline has no mirror of it";
    }

    @Override
    public boolean has(SourceTable table) throws SQLException {
        return mirrors.has(table.name());
    }

    @Override
    public Set<String> columns(SourceTable table) throws SQLException {
        return mirrors.present(table.name(), names(table));
    }

    @Override
    public RowDigests read(SourceTable table) throws SQLException {
        RowDigests rows = new RowDigests();
        mirrors.forEach(table.name(), names(table), row -> {
            List<@Nullable String> values = table.texts(row);
            rows.put(table.keyOf(values), RowDigests.of(values));
        });
        return rows;
    }

    private static List<String> names(SourceTable table) {
        return table.columns().stream().map(SourceTable.SourceColumn::name).toList();
    }
}
