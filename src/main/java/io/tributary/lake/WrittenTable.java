package io.tributary.lake;

import io.tributary.change.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table as one writer knows it: its columns as last seen, and the writers of its schemas. */
final class WrittenTable {
    private final DeltaTables tables;
    private final String path;
    private final List<TableWriter> writers = new ArrayList<>();
    private DeltaTables.Columns known;

    WrittenTable(DeltaTables tables, String path, DeltaTables.State state) {
        this.tables = tables;
        this.path = path;
        this.known = new DeltaTables.Columns(state.version(), state.columns());
    }

    String path() {
        return path;
    }

    void add(TableWriter writer) {
        writers.add(writer);
    }

    /** The schema over the columns the table has by now; those laid out here that nobody has committed yet count as there. */
    TableLayout layout(TableSchema schema) throws IOException {
        known = tables.columns(path, known);
        Map<String, LakeColumn> existing = new LinkedHashMap<>();
        known.list().forEach(column -> existing.put(column.name(), column));
        for (TableWriter writer : writers) {
            for (LakeColumn column : writer.columns()) {
                existing.merge(column.name(), column, (one, other) -> one.widened(other.type()));
            }
        }
        return TableLayout.of(schema, List.copyOf(existing.values()));
    }

    /**
     * A schema over the columns a table of rows has by now, wide enough for the rows of others.
     *
     * @param schemas those of the rows to be written, the table's newest last
     * @param isWhole whether they are all rows of the table: then its columns need be as wide only as these
     */
    TableLayout rowLayout(List<TableSchema> schemas, boolean isWhole) throws IOException {
        known = tables.columns(path, known);
        TableSchema newest = schemas.get(schemas.size() - 1);
        List<LakeColumn> columns = known.list();
        for (TableSchema schema : schemas) {
            List<LakeColumn> wider = new ArrayList<>(columns);
            for (LakeColumn column : TableLayout.ofRows(schema, columns).columns()) {
                wider.removeIf(other -> other.name().equals(column.name()));
                wider.add(column);
            }
            columns = wider;
        }
        TableLayout layout = TableLayout.ofRows(newest, columns);
        return isWhole ? layout.withTypes(schemas) : layout;
    }
}
