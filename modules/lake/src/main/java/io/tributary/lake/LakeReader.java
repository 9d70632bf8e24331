package io.tributary.lake;

import io.delta.kernel.Scan;
import io.delta.kernel.Snapshot;
import io.delta.kernel.TableManager;
import io.delta.kernel.data.FilteredColumnarBatch;
import io.delta.kernel.data.Row;
import io.delta.kernel.defaults.engine.DefaultEngine;
import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.InternalScanFileUtils;
import io.delta.kernel.internal.data.ScanStateRow;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.TableName;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads a table as any Delta reader does: for audits, explanations and tests. */
public final class LakeReader {
    private final FileIO files;
    private final Engine engine;
    private final String lake;
    private final Function<TableName, String> path;

    /** @param lake the lake's folder as a URI */
    public LakeReader(String lake) {
        this(lake, LogFiles.of(lake), LakePath::of);
    }

    private LakeReader(String lake, FileIO files, Function<TableName, String> path) {
        this.lake = lake;
        this.files = files;
        this.engine = DefaultEngine.create(files);
        this.path = path;
    }

    /** Reads the tables as their source has them, in the place of their histories. */
    public LakeReader current() {
        return new LakeReader(lake, files, table -> LakeProbe.CURRENT + LakePath.folder(table.toString()));
    }

    /** Reads aggregates, tables without a schema, in the place of histories. */
    public LakeReader aggregates() {
        return new LakeReader(lake, files, table -> LakePath.folder(table.toString()));
    }

    /** Whether the table is there. */
    public boolean has(TableName table) throws IOException {
        return LogFiles.hasLog(files, lake + "/" + path.apply(table));
    }

    /** The source's columns by their names in the lake, in the types of its values: a time of day is text there. */
    public Map<String, Column> columns(TableName table) throws IOException {
        Map<String, Column> columns = new LinkedHashMap<>();
        for (LakeColumn column : new DeltaLog(lake).read(path.apply(table)).columns()) {
            if (!column.source().isEmpty()) {
                boolean isText = column.type().kind() == ColumnType.Kind.TIME;
                columns.put(column.name(), new Column(column.source(), isText ? ColumnType.TEXT : column.type()));
            }
        }
        return columns;
    }

    /**
     * Gives every row of the table's newest version, in no order, as values by column: Boolean, Integer, Long, Float, Double,
     * BigDecimal, String or byte[]; a short as Integer, dates and times as their numbers.
     */
    public void forEach(TableName table, Consumer<Map<String, @Nullable Object>> rows) throws IOException {
        forEach(table, new HashSet<>(), rows);
    }

    /**
     * Gives every row that is in none of the files seen before.
     *
     * @param seen takes the files that were read
     */
    public void forEach(TableName table, Set<String> seen, Consumer<Map<String, @Nullable Object>> rows)
            throws IOException {
        Snapshot snapshot =
                TableManager.loadSnapshot(lake + "/" + path.apply(table)).build(engine);
        Scan scan = snapshot.getScanBuilder().build();
        Row state = scan.getScanState(engine);
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    while (files.hasNext()) {
                        Row file = files.next();
                        if (seen.add(
                                InternalScanFileUtils.getAddFileStatus(file).getPath())) {
                            readFile(state, file, rows);
                        }
                    }
                }
            }
        }
    }

    /** The paths of the files of the table's newest version. */
    public Set<String> files(TableName table) throws IOException {
        Set<String> paths = new HashSet<>();
        Scan scan = TableManager.loadSnapshot(lake + "/" + path.apply(table))
                .build(engine)
                .getScanBuilder()
                .build();
        try (CloseableIterator<FilteredColumnarBatch> batches = scan.getScanFiles(engine)) {
            while (batches.hasNext()) {
                try (CloseableIterator<Row> files = batches.next().getRows()) {
                    while (files.hasNext()) {
                        paths.add(InternalScanFileUtils.getAddFileStatus(files.next())
                                .getPath());
                    }
                }
            }
        }
        return paths;
    }

    private void readFile(Row state, Row file, Consumer<Map<String, @Nullable Object>> rows) throws IOException {
        StructType physical = ScanStateRow.getPhysicalDataReadSchema(state);
        try (CloseableIterator<FileReadResult> data = engine.getParquetHandler()
                        .readParquetFiles(
                                Utils.singletonCloseableIterator(InternalScanFileUtils.getAddFileStatus(file)),
                                physical,
                                Optional.empty());
                CloseableIterator<FilteredColumnarBatch> logical =
                        Scan.transformPhysicalData(engine, state, file, data.map(FileReadResult::getData))) {
            while (logical.hasNext()) {
                try (CloseableIterator<Row> batch = logical.next().getRows()) {
                    while (batch.hasNext()) {
                        rows.accept(values(batch.next()));
                    }
                }
            }
        }
    }

    private static Map<String, @Nullable Object> values(Row row) {
        StructType schema = row.getSchema();
        Map<String, @Nullable Object> values = new HashMap<>();
        for (int i = 0; i < schema.length(); i++) {
            values.put(schema.at(i).getName(), row.isNullAt(i) ? null : value(row, i, schema));
        }
        return values;
    }

    private static Object value(Row row, int i, StructType schema) {
        String type = schema.at(i).getDataType().toString();
        return switch (type) {
            case "boolean" -> row.getBoolean(i);
            case "short" -> (int) row.getShort(i);
            case "integer", "date" -> row.getInt(i);
            case "long", "timestamp", "timestamp_ntz" -> row.getLong(i);
            case "float" -> row.getFloat(i);
            case "double" -> row.getDouble(i);
            case "string" -> row.getString(i);
            case "binary" -> row.getBinary(i);
            default -> row.getDecimal(i);
        };
    }
}
