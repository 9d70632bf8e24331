package io.tributary.lake;

import io.tributary.change.Column;
import io.tributary.change.ColumnType;
import io.tributary.change.TableSchema;
import io.tributary.flow.DeadLetters;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * How rows lie in the files of a lake table.
 *
 * @param columns the lake's columns of the rows' columns
 * @param metadata the columns that Tributary adds; none for the dead letters, which are metadata themselves
 * @param isPartitioned whether the table has a partition for each day
 */
record TableLayout(List<LakeColumn> columns, List<LakeColumn> metadata, boolean isPartitioned) {
    static final LakeColumn OP = added("_op", ColumnType.TEXT);
    static final LakeColumn TS_MS = added("_ts_ms", ColumnType.INT64);
    static final LakeColumn TOPIC = added("_topic", ColumnType.TEXT);
    static final LakeColumn PARTITION = added("_partition", ColumnType.INT32);
    static final LakeColumn OFFSET = added("_offset", ColumnType.INT64);
    static final LakeColumn TX = added("_tx", ColumnType.TEXT);
    static final LakeColumn DELETED = added("_deleted", ColumnType.BOOLEAN);
    /** The partition column: in the path, not in the files. */
    static final LakeColumn DT = added("dt", ColumnType.DATE);

    private static final List<LakeColumn> METADATA = List.of(OP, TS_MS, TOPIC, PARTITION, OFFSET, TX, DELETED);

    private static LakeColumn added(String name, ColumnType type) {
        return new LakeColumn(name, "", type);
    }

    /**
     * Lays schemas of one table out over the columns its history has. A column is as wide as the table has it, and wider
     * where a schema's type does not fit. One whose name differs from another's in case only gets a name of its own: {@code
     * name__type}.
     *
     * @param existing the table's columns, empty for a table that is to be made
     */
    static TableLayout of(List<TableSchema> schemas, List<LakeColumn> existing) {
        Set<String> taken = new HashSet<>();
        METADATA.forEach(column -> taken.add(column.name()));
        taken.add(DT.name());
        Map<String, LakeColumn> bySource = new LinkedHashMap<>();
        List<LakeColumn> there = new ArrayList<>(existing);
        for (TableSchema schema : schemas) {
            for (LakeColumn column : columns(schema, there, taken)) {
                there.removeIf(other -> other.name().equals(column.name()));
                there.add(column);
                bySource.put(column.source(), column);
            }
        }
        boolean isDeadLetters = schemas.get(0).table().equals(DeadLetters.TABLE);
        return new TableLayout(List.copyOf(bySource.values()), isDeadLetters ? List.of() : METADATA, true);
    }

    /** Lays a schema out over the columns of a table of rows as they are: without what tells where a change came from. */
    static TableLayout ofRows(TableSchema schema, List<LakeColumn> existing) {
        return new TableLayout(columns(schema, existing, new HashSet<>()), List.of(), false);
    }

    /** The same columns, each as wide as these schemas need it, whatever the table has. */
    TableLayout withTypes(List<TableSchema> schemas) {
        List<LakeColumn> narrow = new ArrayList<>();
        for (LakeColumn column : columns) {
            ColumnType type = null;
            for (TableSchema each : schemas) {
                int index = each.indexOf(column.source());
                if (index >= 0) {
                    ColumnType own = each.columns().get(index).type();
                    type = type == null ? own : type.join(own);
                }
            }
            narrow.add(type == null ? column : new LakeColumn(column.name(), column.source(), type));
        }
        return with(narrow);
    }

    /** The same with other columns of rows. */
    TableLayout with(List<LakeColumn> others) {
        return new TableLayout(List.copyOf(others), metadata, isPartitioned);
    }

    /** Where the source's column is among the columns, or -1. */
    int indexOf(String source) {
        for (int i = 0; i < columns.size(); i++) {
            if (columns.get(i).source().equals(source)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether files of this layout can have rows of the schema whole. */
    boolean holds(TableSchema schema) {
        return schema.columns().stream().allMatch(column -> {
            int at = indexOf(column.name());
            return at >= 0 && columns.get(at).widened(column.type()).equals(columns.get(at));
        });
    }

    private static List<LakeColumn> columns(TableSchema schema, List<LakeColumn> existing, Set<String> taken) {
        existing.forEach(column -> taken.add(fold(column.name())));
        List<LakeColumn> columns = new ArrayList<>();
        for (Column column : schema.columns()) {
            LakeColumn lake = existing(column, existing).orElseGet(() -> named(column, taken));
            taken.add(fold(lake.name()));
            columns.add(lake);
        }
        return List.copyOf(columns);
    }

    /** Lakes of before decision 7 have a column for each type: of those the same, else the newest. */
    private static Optional<LakeColumn> existing(Column column, List<LakeColumn> existing) {
        LakeColumn found = null;
        for (LakeColumn candidate : existing) {
            if (candidate.source().equals(column.name())
                    && (found == null || !found.type().equals(column.type()))) {
                found = candidate;
            }
        }
        return Optional.ofNullable(found).map(lake -> lake.widened(column.type()));
    }

    private static LakeColumn named(Column column, Set<String> taken) {
        String name = column.name();
        if (taken.contains(fold(name))) {
            name += "__" + column.type().toString().replaceAll("[(),]+", "_").replaceAll("_$", "");
            for (int i = 2; taken.contains(fold(name)); i++) {
                name = column.name() + "__" + i;
            }
        }
        return new LakeColumn(name, column.name(), column.type());
    }

    private static String fold(String name) {
        return name.toLowerCase(Locale.ROOT);
    }

    /** The columns of the table's files. */
    List<LakeColumn> inFiles() {
        List<LakeColumn> all = new ArrayList<>(columns);
        all.addAll(metadata);
        return all;
    }

    /** All columns of the table, that of the partition last. */
    List<LakeColumn> all() {
        List<LakeColumn> all = inFiles();
        if (isPartitioned) {
            all.add(DT);
        }
        return all;
    }
}
