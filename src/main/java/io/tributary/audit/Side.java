package io.tributary.audit;

import io.tributary.audit.SourceTable.SourceColumn;
import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import io.tributary.sink.SinkRows;
import io.tributary.sink.SinkView;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A sink that has tables of the source: their rows as they are now or, of a table without those, its history folded.
 *
 * @param rows null of a sink that has histories alone
 * @param histories null of a sink that has none
 */
record Side(
        SinkView view, @Nullable SinkRows rows, @Nullable SinkRows histories) implements AutoCloseable {
    /** Null of a sink that has nothing to be compared. */
    static @Nullable Side of(SinkView view) {
        Side side = new Side(view, view.rows(), view.histories());
        return side.rows == null && side.histories == null ? null : side;
    }

    String name() {
        return view.word();
    }

    /** Why the table cannot be compared although all is as the pipeline says; empty if it can. */
    String exempt(SourceTable table) throws IOException {
        String exempt = view.exempt(table.name());
        boolean isFolded = has(histories, table.name()) && !has(rows, table.name());
        return exempt.isEmpty() && isFolded && table.key().isEmpty()
                ? "its history alone is there, which does not tell rows without a key apart"
                : exempt;
    }

    boolean has(SourceTable table) throws IOException {
        return has(rows, table.name()) || has(histories, table.name());
    }

    private static boolean has(@Nullable SinkRows tables, TableName table) throws IOException {
        return tables != null && tables.has(table);
    }

    /** The table's columns that are there, with the types that they have there. */
    Map<String, ColumnType> columns(SourceTable table) throws IOException {
        SinkRows from = has(rows, table.name()) ? rows : histories;
        return from == null ? Map.of() : from.columns(table.name(), names(table));
    }

    /** The rows as the source should have them. */
    RowDigests read(SourceTable table) throws IOException {
        return rows != null && rows.has(table.name())
                ? now(rows, table)
                : Fold.of(histories, table).rows();
    }

    /** The rows that it has as they are now; none where it has none of the table. */
    RowDigests now(SourceTable table) throws IOException {
        return rows != null && rows.has(table.name()) ? now(rows, table) : new RowDigests();
    }

    private static RowDigests now(SinkRows from, SourceTable table) throws IOException {
        RowDigests digests = new RowDigests();
        from.forEach(table.name(), names(table), (row, version) -> {
            List<@Nullable String> values = table.texts(row);
            digests.put(table.keyOf(values), RowDigests.of(values));
        });
        return digests;
    }

    /** The canonical texts of the rows of some keys, where it has rows as they are now. */
    Map<String, List<@Nullable String>> texts(SourceTable table, Set<String> keys) throws IOException {
        Map<String, List<@Nullable String>> texts = new HashMap<>();
        if (rows != null && rows.has(table.name())) {
            rows.forEach(table.name(), names(table), (row, version) -> {
                List<@Nullable String> values = table.texts(row);
                if (keys.contains(table.keyOf(values))) {
                    texts.put(table.keyOf(values), values);
                }
            });
        }
        return texts;
    }

    static List<String> names(SourceTable table) {
        return table.columns().stream().map(SourceColumn::name).toList();
    }

    @Override
    public void close() {
        for (SinkRows each : new SinkRows[] {rows, histories}) {
            if (each != null) {
                each.close();
            }
        }
    }
}
