package io.tributary.lake;

import io.tributary.change.ColumnType;
import io.tributary.change.SchemaChanges;
import io.tributary.change.TableFormat;
import io.tributary.change.TableSchema;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A table as one writer knows it: its columns as last seen, and those the writer has laid out. */
final class WrittenTable {
    private static final Logger LOG = LoggerFactory.getLogger(WrittenTable.class);

    private final TableLog tables;
    private final String path;
    private final TableFormat format;
    private final SchemaChanges changes;
    private final Map<String, LakeColumn> laidOut = new LinkedHashMap<>();
    private final Set<String> leftOut = new HashSet<>();
    private TableLog.Columns known;

    WrittenTable(TableLog tables, String path, TableLog.State state, TableFormat format, SchemaChanges changes) {
        this.tables = tables;
        this.path = path;
        this.format = format;
        this.changes = changes;
        this.known = new TableLog.Columns(state.version(), state.columns());
    }

    String path() {
        return path;
    }

    TableFormat format() {
        return format;
    }

    /**
     * The schemas over the columns the table has by now; those laid out here that nobody has committed yet count as there.
     *
     * @throws SuppressRestartsException if the table may not get what it lacks
     */
    TableLayout layout(List<TableSchema> schemas) throws IOException {
        known = tables.columns(LakePath.log(format, path), known);
        Map<String, LakeColumn> existing = new LinkedHashMap<>();
        known.list().forEach(column -> existing.put(column.name(), column));
        laidOut.values()
                .forEach(column -> existing.merge(column.name(), column, (one, other) -> one.widened(other.type())));
        List<LakeColumn> there = List.copyOf(existing.values());
        TableLayout layout = allowed(there, TableLayout.of(schemas, there));
        layout.columns().forEach(column -> laidOut.put(column.name(), column));
        return layout;
    }

    /**
     * A schema over the columns a table of rows has by now, wide enough for the rows of others.
     *
     * @param schemas those of the rows to be written, the table's newest last
     * @param isWhole whether they are all rows of the table: then its columns need be as wide only as these
     * @throws SuppressRestartsException if the table may not get what it lacks
     */
    TableLayout rowLayout(List<TableSchema> schemas, boolean isWhole) throws IOException {
        known = tables.columns(LakePath.log(format, path), known);
        TableSchema newest = schemas.get(schemas.size() - 1);
        TableLayout layout = allowed(known.list(), TableLayout.ofRows(schemas, newest, known.list()));
        return isWhole ? layout.withTypes(schemas) : layout;
    }

    /** Without the columns that the table may not get. */
    private TableLayout allowed(List<LakeColumn> there, TableLayout wanted) {
        if (changes == SchemaChanges.EVOLVE || there.isEmpty()) {
            return wanted;
        }
        Map<String, ColumnType> types = new HashMap<>();
        there.forEach(column -> types.put(column.name(), column.type()));
        List<LakeColumn> kept = new ArrayList<>();
        for (LakeColumn column : wanted.columns()) {
            ColumnType type = types.get(column.name());
            if (changes == SchemaChanges.FAIL && !column.type().equals(type)) {
                // it stays one however often it is tried
                throw new SuppressRestartsException(new LakeConflictException(path, column, type));
            }
            if (type != null) {
                kept.add(column);
            } else if (leftOut.add(column.source())) {
                LOG.info("{}: the column '{}' is left out, as 'schema-changes: ignore' says", path, column.source());
            }
        }
        return wanted.with(kept);
    }
}
