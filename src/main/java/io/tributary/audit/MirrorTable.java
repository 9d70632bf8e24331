package io.tributary.audit;

import io.tributary.warehouse.MirrorReader;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a mirror. */
final class MirrorTable {
    private MirrorTable() {}

    static RowDigests read(MirrorReader mirrors, SourceTable table) throws SQLException {
        RowDigests rows = new RowDigests();
        if (mirrors.has(table.name())) {
            List<String> columns =
                    table.columns().stream().map(SourceTable.SourceColumn::name).toList();
            mirrors.forEach(table.name(), columns, row -> {
                List<@Nullable String> values = table.texts(row);
                rows.put(table.keyOf(values), RowDigests.of(values));
            });
        }
        return rows;
    }
}
